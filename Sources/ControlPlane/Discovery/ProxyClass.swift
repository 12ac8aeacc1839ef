import EnvoyTranslator
package import MeshModel
import XDSServer

/// Tells connected proxies apart, also those that say the same of themselves.
package struct ProxyID: Hashable, Sendable {
    var number: UInt64
}

/// All that decides what a proxy is sent, besides the mesh. Proxies of one class share everything.
package struct ProxyClassKey: Hashable, Sendable {
    package var view: ProxyView
    package var preference: EndpointPreference
}

/// A part of what a class of proxies is sent, which other classes have in common with it.
enum PlanKey: Hashable {
    /// For calls to others.
    case outbound(OutboundTraits)
    /// Of those, the endpoints.
    case endpoints(OutboundScope, EndpointPreference)
    /// For calls to the own workload.
    case inbound(ProxyView)
}

extension ProxyClassKey {
    /// What it consists of; the largest part first.
    func plans(in snapshot: MeshSnapshot) -> [PlanKey] {
        guard view.kind == .sidecar else { return [] }
        return [
            .outbound(OutboundTraits(view, in: snapshot)), .endpoints(view.outbound, preference), .inbound(view),
        ]
    }
}

/// What a class of proxies is sent now.
struct ProxyClass {
    var plans: [PlanKey]
    var cache: ResourceCache
    var proxies: Set<ProxyID> = []
    /// Since when nobody is of it.
    var unusedSince: ContinuousClock.Instant?
}

extension TypeURL {
    /// Types that are answered also while there is nothing of them.
    static let answered: [TypeURL] = [
        .cluster, .endpoint, .listener, .route, .secret, .extensionConfig, .nameTable,
    ]
}
