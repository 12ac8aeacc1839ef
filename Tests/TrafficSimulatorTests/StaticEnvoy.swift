import Dispatch
import EnvoyAPI
import EnvoyTesting
import Foundation
import SwiftProtobuf

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A real Envoy that serves listeners which stand in its bootstrap.
final class StaticEnvoy {
    private let process = Process()
    private let log = Pipe()
    private let folder: TestFolder

    struct Failure: Error, CustomStringConvertible { var description: String }

    /// Starts, and returns once it serves.
    init(_ listeners: [Envoy_Config_Listener_V3_Listener]) throws {
        folder = try TestFolder()
        let bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap = .with {
            $0.node.id = "test"
            $0.node.cluster = "test"
            // Nobody else may listen where it does.
            $0.staticResources.listeners = listeners.map { listener in
                var listener = listener
                listener.enableReusePort = false
                return listener
            }
        }
        process.executableURL = URL(fileURLWithPath: EnvoyProgram.path ?? "")
        process.arguments = [
            "-c", try folder.write(bootstrap.stableBytes(), to: "bootstrap.pb"), "--use-dynamic-base-id",
            "--concurrency", "1", "-l", "warning", "--component-log-level", "config:info",
        ]
        process.standardError = log
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var output = ""
        let identifier = process.processIdentifier
        let deadline = DispatchWorkItem { kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: deadline)
        defer { deadline.cancel() }
        while !output.contains("starting workers") {
            let more = log.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw Failure(description: "Envoy ended, or did not serve within 120 s:\n\(output)")
            }
            output += String(decoding: more, as: UTF8.self)
        }
        for listener in listeners { try waitUntilListening(Int(listener.address.socketAddress.portValue)) }
    }

    /// Its workers begin to listen one by one.
    private func waitUntilListening(_ port: Int) throws {
        let start = ContinuousClock.now
        while !isListening(port) {
            guard ContinuousClock.now - start < .seconds(60) else {
                throw Failure(description: "nobody listens on port \(port) after 60 s")
            }
        }
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        folder.remove()
    }
}

/// Ports that nobody has at the moment, on any address.
func freePorts(_ count: Int) throws -> [Int] {
    let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
    defer { sockets.forEach { close($0) } }
    return try sockets.map { descriptor in
        var address = socketAddress("0.0.0.0", 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
            }
        }
        guard !failed else { throw StaticEnvoy.Failure(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

private func isListening(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return isConnected(descriptor, to: "127.0.0.1", port)
}

private func isConnected(_ descriptor: Int32, to host: String, _ port: Int) -> Bool {
    var address = socketAddress(host, port)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// Sends over a new connection, and reads until the other side closes it or has said nothing for three seconds.
func exchange(with host: String, port: Int, sending bytes: [UInt8]) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var timeout = timeval(tv_sec: 3, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    guard isConnected(descriptor, to: host, port) else {
        throw StaticEnvoy.Failure(description: "cannot connect to \(host):\(port): errno \(errno)")
    }
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
        throw StaticEnvoy.Failure(description: "cannot send to \(host):\(port): errno \(errno)")
    }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        received += buffer[0..<count]
    }
    return String(decoding: received, as: UTF8.self)
}

private func socketAddress(_ host: String, _ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return address
}
