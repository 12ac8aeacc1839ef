#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The text of a file; `-` is standard input.
func text(of file: String) throws(InputFault) -> String {
    guard let text = String(validating: try bytes(of: file), as: UTF8.self) else {
        throw InputFault("is not UTF-8 text", at: .file(file, nil))
    }
    return text
}

/// Writes a text to a file, in place of what was in it.
func write(_ text: String, into file: String) throws(InputFault) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw cannot("be written", file) }
    defer { close(descriptor) }
    guard put(Array(text.utf8), to: descriptor) else { throw cannot("be written", file) }
}

/// Writes all bytes; false if that does not work.
@discardableResult
func put(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
    }
    return true
}

private func bytes(of file: String) throws(InputFault) -> [UInt8] {
    let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY)
    guard descriptor >= 0 else { throw cannot("be read", file) }
    defer { if file != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw cannot("be read", file) }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

/// The reason that the operating system gave last.
private func cannot(_ what: String, _ file: String) -> InputFault {
    InputFault("cannot \(what): \(String(cString: strerror(errno)))", at: .file(file, nil))
}
