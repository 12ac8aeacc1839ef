import Foundation

/// A TCP connection to loopback that says exactly what it is told, for clients that behave badly.
///
/// Calls that block run on a queue of their own, away from Swift's few cooperative threads.
final class RawConnection: Sendable {
    struct Failure: Error { var call: String, code: Int32 }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw connection")

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Everything is initialized: deinit runs after this throw too, and closes.
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
        // A test whose server says nothing fails instead of hanging.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(call: "send", code: errno)
        }
    }

    /// No more from this side.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything up to the end of the connection; a reset counts as its end.
    func readToEnd() async throws -> String { try await read { _ in false } }

    /// Everything up to and including `mark`, or to the end.
    func read(through mark: String) async throws -> String { try await read { $0.contains(mark) } }

    private func read(until isDone: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [descriptor] in
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 65_536)
                while !isDone(String(decoding: bytes, as: UTF8.self)) {
                    let count = recv(descriptor, &chunk, chunk.count, 0)
                    if count > 0 {
                        bytes.append(contentsOf: chunk[..<count])
                    } else if count == 0 || errno == ECONNRESET {
                        break
                    } else {
                        continuation.resume(throwing: Failure(call: "recv", code: errno))
                        return
                    }
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
