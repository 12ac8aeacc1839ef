import CProcess
import Glibc

/// A file could not be read or written.
package struct FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    package var path: String
    /// `read`, `write` or the like.
    package var action: String
    /// The system's word for it, or what was wrong with the content.
    package var reason: String

    /// - Parameter action: `read`, `write` or the like.
    package init(_ action: String, _ path: String, _ reason: String) {
        self.path = path
        self.action = action
        self.reason = reason
    }

    /// What the system said last.
    package init(_ action: String, _ path: String) { self.init(action, path, String(cString: strerror(errno))) }

    package var description: String { "cannot \(action) \(path): \(reason)" }
}

/// Small files, read and written at once.
package enum Files {
    /// More than any bundle of certificates needs.
    package static let limit = 4 << 20

    /// The content of a file.
    package static func read(_ path: String) throws(FileProblem) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileProblem("read", path) }
        defer { close(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileProblem("read", path)
            }
            content.append(contentsOf: chunk[..<count])
            if content.count > limit { throw FileProblem("read", path, "it has more than \(limit) bytes") }
        }
    }

    /// The text of a file.
    package static func text(_ path: String) throws(FileProblem) -> String {
        guard let text = String(validating: try read(path), as: UTF8.self) else {
            throw FileProblem("read", path, "it is not UTF-8")
        }
        return text
    }

    /// Replaces a file in one step; others see the old content or the new one.
    package static func replace(_ path: String, with content: [UInt8], mode: UInt32) throws(FileProblem) {
        let scratch = "\(path).new"
        let file = open(scratch, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw FileProblem("write", scratch) }
        defer { close(file) }
        guard fchmod(file, mode) == 0 else { throw FileProblem("write", scratch) }
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw FileProblem("write", scratch) }
            written += max(0, count)
        }
        guard rename(scratch, path) == 0 else { throw FileProblem("write", path) }
    }

    /// Whether something of that name is there.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a socket of that name is there.
    package static func isSocket(_ path: String) -> Bool {
        var status = apus_file()
        return apus_file_status(path, &status) == 0 && status.is_socket != 0
    }
}

/// Tells whether files have changed since the last look: by what they are, not by what they say.
package struct FileStamp: Hashable, Sendable {
    private struct Entry: Hashable {
        var inode: UInt64
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private var entries: [Entry?]

    /// The stamp of files at this moment; missing ones have one too.
    package init(_ paths: [String]) {
        entries = paths.map { path in
            var status = apus_file()
            guard apus_file_status(path, &status) == 0 else { return nil }
            return Entry(
                inode: status.inode, size: Int(status.size), seconds: Int(status.seconds),
                nanoseconds: Int(status.nanoseconds))
        }
    }
}
