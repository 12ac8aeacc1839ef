import Testing

@testable import XDSServer

/// A stream with its time, for tests that say what happens step by step.
final class StreamDriver {
    private(set) var stream: ADSStream
    private(set) var now: ContinuousClock.Instant
    let start: ContinuousClock.Instant

    init(_ variant: ProtocolVariant, limits: StreamLimits = StreamLimits()) {
        start = ContinuousClock.now
        now = start
        stream = ADSStream(id: "t", variant: variant, limits: limits, now: start)
    }

    func publish(_ snapshots: [TypeURL: [Resource]]) -> [StreamAction] {
        stream.publish(snapshots.mapValues { ResourceSnapshot($0) }, now: now)
    }

    /// A delta request.
    func ask(
        _ type: TypeURL, _ subscribe: [String] = [], dropping unsubscribe: [String] = [],
        holding versions: [String: String] = [:]
    ) -> [StreamAction] {
        receive(type, .delta(subscribe: subscribe, unsubscribe: unsubscribe, initialVersions: versions))
    }

    /// A state-of-the-world request.
    func list(
        _ type: TypeURL, _ names: [String] = [], nonce: String = "", version: String = "", error: String? = nil
    ) -> [StreamAction] {
        receive(type, .stateOfTheWorld(version: version, names: names), nonce: nonce, error: error)
    }

    /// An answer to a delta response.
    func answer(_ response: DiscoveryResponse, error: String? = nil) -> [StreamAction] {
        receive(
            response.typeURL, .delta(subscribe: [], unsubscribe: [], initialVersions: [:]), nonce: response.nonce,
            error: error)
    }

    func wait(_ duration: Duration) -> [StreamAction] {
        now += duration
        return stream.tick(now: now)
    }

    func drain() -> [StreamAction] { stream.drain(now: now) }

    func receive(
        _ type: TypeURL, _ asked: DiscoveryRequest.Asked, nonce: String = "", error: String? = nil
    ) -> [StreamAction] {
        let request = DiscoveryRequest(
            type, nonce: nonce, errorMessage: error, node: ClientNode(id: "sidecar~1"), asked: asked)
        return stream.receive(request, now: now)
    }

    func status(_ type: TypeURL) throws -> SubscriptionStatus {
        try #require(stream.status.types.first { $0.typeURL == type })
    }
}

extension [StreamAction] {
    var responses: [DiscoveryResponse] {
        compactMap { if case .send(let response) = $0 { response } else { nil } }
    }

    /// The only response there is.
    var response: DiscoveryResponse {
        get throws {
            #expect(responses.count == 1)
            return try #require(responses.first)
        }
    }

    var closed: CloseReason? {
        compactMap { if case .close(let reason) = $0 { reason } else { nil } }.first
    }
}

extension DiscoveryResponse {
    var names: [String] { resources.map(\.name) }
}
