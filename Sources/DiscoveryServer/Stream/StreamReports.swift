import Logging
import XDSServer

/// What streams tell people: log lines and metrics.
struct StreamReports: Sendable {
    let metrics: DiscoveryMetrics
    let logger: Logger

    /// A client said who it is.
    func connected(_ node: NodeIdentity) { metrics.connected(version: node.version) }

    /// A client that said who it is, is gone.
    func disconnected(_ node: NodeIdentity) { metrics.disconnected(version: node.version) }

    func note(_ action: StreamAction, peer: String) {
        switch action {
        case .identified(let node):
            logger.info("Proxy connected", metadata: ["proxy": "\(node.id)", "peer": "\(peer)"])
        case .rejected(let rejection):
            metrics.rejected(rejection.answer.typeURL)
            logger.warning(
                "Proxy refused a response",
                metadata: [
                    "peer": "\(peer)", "type": "\(rejection.answer.typeURL)", "why": "\(rejection.message)",
                    "resource": "\(rejection.culprit ?? "")", "nonce": "\(rejection.answer.nonce)",
                ])
        case .send, .acknowledged, .close: break
        }
    }

    func sent(_ response: DiscoveryResponse, bytes: Int, took duration: Duration) {
        metrics.sent(response.typeURL, bytes: bytes, took: duration)
    }

    /// How long changes took.
    func note(_ times: PushProgress.Times) {
        if let queued = times.queued { metrics.queued(queued) }
        if let converged = times.converged { metrics.converged(converged) }
    }

    /// What clients refuse now, or do no more.
    func note(_ changes: [ProxyRefusals.Change]) {
        for change in changes { metrics.refuses(change.refusal, change.stands) }
    }

    func expired(_ count: Int, of typeURL: TypeURL) { metrics.expired(count, of: typeURL) }

    /// A client did not even read the end of its stream.
    func writeTimedOut(_ connection: String) {
        metrics.writeTimedOut()
        logger.warning("Client reads nothing, its connection is closed", metadata: ["connection": "\(connection)"])
    }

    func ended(_ end: StreamEnd, node: NodeIdentity?, peer: String) {
        logger.info(
            "Stream ended",
            metadata: ["proxy": "\(node?.id ?? "")", "peer": "\(peer)", "why": "\(end.explanation)"])
    }
}
