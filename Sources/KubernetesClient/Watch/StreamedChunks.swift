import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The body of a long answer, chunk by chunk, with an eye on whether the server is still there.
final class StreamedChunks: Sendable {
    private let body: BodyReader
    private let call: Call
    private let client: KubernetesClient
    private let deadline: ContinuousClock.Instant?

    /// - Parameter timeLimit: When the stream ends even if the server does not end it; nil for never.
    init(_ response: StreamedResponse, of call: Call, client: KubernetesClient, timeLimit: Duration?) {
        body = BodyReader(response.body)
        self.call = call
        self.client = client
        deadline = timeLimit.map { .now + $0 }
    }

    /// The next chunk; nil at the end. For one caller at a time.
    func next() async throws -> ByteBuffer? {
        do {
            let chunk = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
                group.addTask { [body] in try await body.next() }
                group.addTask { [self] in try await waitUntilDead() }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            try Task.checkCancellation()
            client.transport.hear()
            return chunk
        } catch {
            throw client.transport.failure(error, of: call)
        }
    }

    /// Returns nil when the time is up; throws when the server is gone.
    private func waitUntilDead() async throws -> ByteBuffer? {
        while true {
            // Not all streams of a client ask at the same moment: one answer serves them all.
            let quietTime = client.limits.quietTime * Double.random(in: 0.8...1.0)
            let wake = ContinuousClock.now + quietTime
            try await Task.sleep(until: min(wake, deadline ?? wake), clock: .continuous)
            if let deadline, deadline <= .now { return nil }
            guard client.transport.silence >= quietTime else { continue }
            var probe = Call(method: .GET, path: "/version", subject: call.subject)
            probe.timeLimit = client.limits.probeTimeout
            do {
                _ = try await client.transport.response(to: probe, client.credentials.authorization())
            } catch let error as TransportError {
                throw TransportError(
                    .interrupted, server: error.server, request: call.subject,
                    cause: "silent for \(quietTime), then \(error.cause)")
            }
        }
    }
}

/// The iterator of a body, to be used from a child task.
///
/// Unchecked, because an iterator is not Sendable: `StreamedChunks.next()` has one caller at a time and waits for the
/// child that uses it before it returns.
private final class BodyReader: @unchecked Sendable {
    private var iterator: HTTPClientResponse.Body.AsyncIterator?

    init(_ body: HTTPClientResponse.Body?) { iterator = body?.makeAsyncIterator() }

    func next() async throws -> ByteBuffer? { try await iterator?.next() }
}
