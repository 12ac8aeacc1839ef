package import NIOCore
import Synchronization

/// The TCP connections of a client, as the operating system sees them.
package final class OpenConnections: Sendable {
    private let channels = Mutex<[any Channel]>([])

    /// None yet.
    package init() {}

    /// A connection is about to be made.
    package func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

    /// Tells when all that are open now have been closed for a while.
    package func whenClosed(after grace: TimeAmount, _ tell: @escaping @Sendable () -> Void) {
        let open = channels.withLock { $0.filter(\.isActive) }
        guard let loop = open.first?.eventLoop else { return }
        EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop).whenComplete { _ in
            loop.scheduleTask(in: grace) { tell() }
        }
    }
}
