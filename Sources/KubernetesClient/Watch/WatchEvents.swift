import KubernetesModel
import Logging
import NIOCore
import NIOHTTP1

/// The changes of a kind's objects since a resource version, as they happen.
///
/// Pulled: nothing is read from the connection faster than its events are taken, so a slow reader slows the server
/// down. The sequence can be iterated once or more; each time a request of its own starts with the first event.
///
/// It ends normally when the server ends it, which it is asked to do after 5 to 10 minutes (`ClientLimits`): go on
/// with a new watch from the last event's resource version. It throws `WatchExpired` if that version is too old,
/// `APIError` or `TransportError` otherwise. When nothing has been heard of the server for 30 s it is asked for a sign
/// of life; if none comes within 10 s the watch fails, so a server that is gone is noticed within 40 s.
package struct WatchEvents<Object: Sendable>: AsyncSequence, Sendable {
    package typealias Element = WatchEvent<Object>

    let client: KubernetesClient
    let resource: APIResource
    let reader: ObjectReader<Object>
    let scope: ListScope
    let resourceVersion: String

    package func makeAsyncIterator() -> Iterator { Iterator(watch: self) }

    /// Reads one watch.
    package struct Iterator: AsyncIteratorProtocol {
        private let watch: WatchEvents
        private var chunks: StreamedChunks?
        private var lines: LineSplitter
        private var isOver = false

        init(watch: WatchEvents) {
            self.watch = watch
            lines = LineSplitter(limit: watch.client.limits.eventBytes)
        }

        /// The next change. Waits for it; nil when the server has ended the watch.
        package mutating func next() async throws -> WatchEvent<Object>? {
            guard !isOver else { return nil }
            do {
                while true {
                    while let line = try lines.next() {
                        if let event = try watch.event(in: line) { return event }
                    }
                    guard let chunk = try await nextChunk() else {
                        isOver = true
                        return nil
                    }
                    lines.append(chunk)
                }
            } catch let error as LineSplitter.TooLong {
                isOver = true
                throw TransportError(
                    .tooLarge, server: watch.client.configuration.server, request: watch.subject,
                    cause: "an event of more than \(error.limit >> 20) MiB")
            } catch {
                isOver = true
                throw error
            }
        }

        private mutating func nextChunk() async throws -> ByteBuffer? {
            if chunks == nil { chunks = try await watch.start() }
            return try await chunks?.next()
        }
    }
}

extension WatchEvents {
    /// For messages: `WATCH pods in istio-system`.
    fileprivate var subject: String { "WATCH \(resource)\(scope.suffix)" }

    fileprivate func start() async throws -> StreamedChunks {
        let seconds = Int.random(in: client.limits.watchSeconds)
        var call = Call(method: .GET, path: resource.path(namespace: scope.namespace), subject: subject)
        call.query = scope.query
        call.query.add("watch", if: true)
        call.query.add("allowWatchBookmarks", if: true)
        call.query.add("resourceVersion", resourceVersion)
        call.query.add("timeoutSeconds", String(seconds))
        do {
            let response = try await client.open(call)
            return StreamedChunks(response, of: call, client: client, timeLimit: .seconds(seconds + 30))
        } catch let error as APIError where error.isGone {
            throw WatchExpired(request: subject, message: error.message)
        }
    }

    /// The event that a line holds; nil for an empty line or a type of event that is not known.
    fileprivate func event(in line: ByteBuffer) throws -> WatchEvent<Object>? {
        guard line.readableBytes > 0 else { return nil }
        switch try reader.event(line, resource) {
        case .event(let event): return event
        case .unknown(let type):
            client.logger.debug("Unknown type of watch event", metadata: ["type": .string(type)])
            return nil
        case .error(let status):
            let error = APIError(statusObject: status, request: subject)
            if error.isGone { throw WatchExpired(request: subject, message: error.message) }
            throw error
        }
    }
}
