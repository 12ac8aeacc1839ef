#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file could not be read.
struct FileError: Error, Hashable, CustomStringConvertible {
    var path: String
    /// The system's error number.
    var code: Int32

    var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    var description: String { "cannot read \(path): \(String(cString: strerror(code)))" }
}

/// The content of a small file. Blocks for as long as the disk takes.
func readFile(_ path: String) throws(FileError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(file) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
        let count = read(file, &chunk, chunk.count)
        if count == 0 { return content }
        if count < 0 {
            if errno == EINTR { continue }
            throw FileError(path: path, code: errno)
        }
        content.append(contentsOf: chunk[..<count])
    }
}

/// Whether there is no file of that name. One that is there and cannot be read is not missing.
func isMissing(_ path: String) -> Bool { access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) }

extension String {
    /// This text without white space at its ends.
    var trimmingWhitespace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
