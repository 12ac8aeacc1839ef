package import KubernetesModel
import NIOCore
import NIOHTTP1

/// The lines of a container's log, without their line feeds. Pulled, like a watch.
package struct LogLines: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let client: KubernetesClient
    let call: Call

    package func makeAsyncIterator() -> Iterator { Iterator(log: self) }

    /// Reads one log.
    package struct Iterator: AsyncIteratorProtocol {
        private let log: LogLines
        private var chunks: StreamedChunks?
        private var lines: LineSplitter
        private var isOver = false

        init(log: LogLines) {
            self.log = log
            lines = LineSplitter(limit: log.client.limits.eventBytes)
        }

        /// The next line; nil at the end.
        package mutating func next() async throws -> [UInt8]? {
            while !isOver {
                if let line = try lines.next() { return Array(line.readableBytesView) }
                if let chunk = try await nextChunk() {
                    lines.append(chunk)
                } else {
                    isOver = true
                    return lines.rest().map { Array($0.readableBytesView) }
                }
            }
            return nil
        }

        private mutating func nextChunk() async throws -> ByteBuffer? {
            if chunks == nil {
                chunks = StreamedChunks(
                    try await log.client.open(log.call), of: log.call, client: log.client, timeLimit: nil)
            }
            return try await chunks?.next()
        }
    }
}

extension KubernetesClient {
    /// A container's log.
    ///
    /// - Parameters:
    ///   - container: Nil for the Pod's only one.
    ///   - follow: Wait for more until the container ends.
    ///   - tail: Only so many of the last lines; nil for all.
    ///   - previous: Of the container before its last restart.
    package func logs(
        pod key: ObjectKey, container: String? = nil, follow: Bool = false, tail: Int? = nil, previous: Bool = false
    ) -> LogLines {
        var call = Call(
            method: .GET, path: APIResource.pods.path(namespace: key.namespace, name: key.name, subresource: "log"),
            subject: "LOG pods \(key)")
        call.accept = "text/plain, application/json"
        call.query.add("container", container)
        call.query.add("follow", if: follow)
        call.query.add("tailLines", tail.map { String($0) })
        call.query.add("previous", if: previous)
        return LogLines(client: self, call: call)
    }
}
