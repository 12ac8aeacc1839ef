package import KubernetesModel
import NIOCore
import NIOHTTP1

/// A connection to a port of a Pod.
package struct PortForward: Sendable {
    private static let data: UInt8 = 0
    private static let error: UInt8 = 1

    let socket: WebSocketSession
    let subject: String

    /// Sends bytes to the Pod. Waits while the connection takes no more.
    package func write(_ bytes: [UInt8]) async throws {
        try await socket.send(bytes, on: PortForward.data)
    }

    /// What the Pod sends, until it closes the connection.
    ///
    /// - Parameter body: Called for each piece, in order; false to stop reading.
    /// - Throws: `APIError` if nothing listens on the port.
    package func forEachChunk(_ body: ([UInt8]) async throws -> Bool) async throws {
        // The first message on either channel is the port's number.
        var isOpen: [UInt8: Bool] = [:]
        for try await message in socket.messages {
            let bytes = Array(message.bytes.readableBytesView)
            guard isOpen[message.channel] == true else {
                isOpen[message.channel] = true
                continue
            }
            guard !bytes.isEmpty else { continue }
            if message.channel == PortForward.error {
                throw APIError(status: 502, message: String(decoding: bytes, as: UTF8.self), request: subject)
            }
            guard try await body(bytes) else { return }
        }
    }
}

extension KubernetesClient {
    /// Connects to a port of a Pod, hands the connection over, and closes it.
    package func withPortForward<Value: Sendable>(
        pod key: ObjectKey, port: Int, _ body: (PortForward) async throws -> Value
    ) async throws -> Value {
        let subject = "FORWARD pods \(key):\(port)"
        var call = Call(
            method: .GET,
            path: APIResource.pods.path(namespace: key.namespace, name: key.name, subresource: "portforward"),
            subject: subject, repeatability: .write)
        call.query.add("ports", String(port))
        return try await withWebSocket(call, subprotocols: ["v4.channel.k8s.io"]) { socket in
            try await body(PortForward(socket: socket, subject: subject))
        }
    }
}
