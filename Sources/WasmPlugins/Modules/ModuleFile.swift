import AgentRuntime
import Crypto
import Glibc

/// A module on its way to disk.
final class ModuleFile {
    let path: String
    private let file: Int32
    private let limit: Int
    private var hash = SHA256()
    private(set) var bytes = 0
    private var start: [UInt8] = []

    /// - Parameter limit: The most that it may have.
    init(_ path: String, limit: Int) throws(ModuleProblem) {
        self.path = path
        self.limit = limit
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.problem(path) }
    }

    deinit { close(file) }

    func write(_ part: ArraySlice<UInt8>) throws(ModuleProblem) {
        bytes += part.count
        guard bytes <= limit else { throw ModuleProblem("the module has more than \(limit) bytes") }
        if start.count < ModuleExtractor.magic.count {
            start += part.prefix(ModuleExtractor.magic.count - start.count)
        }
        part.withUnsafeBytes { hash.update(bufferPointer: $0) }
        var rest = part
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw Self.problem(path) }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// The SHA-256 of what was written, which has to be a module.
    func finish() throws(ModuleProblem) -> String {
        guard start == ModuleExtractor.magic else { throw ModuleProblem("it is no WebAssembly module") }
        return hash.finalize().hexadecimal
    }

    private static func problem(_ path: String) -> ModuleProblem {
        ModuleProblem("\(FileProblem("write", path))", .passing)
    }
}

extension SHA256.Digest {
    /// As people write it.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
