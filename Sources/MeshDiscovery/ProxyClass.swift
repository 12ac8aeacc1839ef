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

/// What a class of proxies is sent now.
struct ProxyClass {
    var plans: [PlanKey]
    var cache: ResourceCache
    var proxies: Set<ProxyID> = []
    /// Since when nobody is of it.
    var unusedSince: ContinuousClock.Instant?
}

extension ProxyClassKey {
    /// What it consists of. Of a resource that several have the first one's counts.
    func plans(in snapshot: MeshSnapshot) -> [PlanKey] {
        switch view.kind {
        case .sidecar where view.isProxyless:
            let traits = OutboundTraits(view, preference: preference, in: snapshot)
            return [
                .proxyless(traits), .proxylessEndpoints(view.outbound, traits.labels, preference),
                .proxylessServer(view),
            ]
        case .sidecar:
            let traits = OutboundTraits(view, preference: preference, in: snapshot)
            return [.outbound(traits), .endpoints(view.outbound, traits.labels, preference), .inbound(view)]
        case .router:
            let traits = OutboundTraits(view, preference: preference, in: snapshot)
            return [.outbound(traits), .routerEndpoints(view, preference), .router(view)]
        case .waypoint, .ztunnel:
            return []
        }
    }
}

/// A part of what a class of proxies is sent, which other classes have in common with it.
enum PlanKey: Hashable {
    /// For calls to others.
    case outbound(OutboundTraits)
    /// Of those, the endpoints.
    case endpoints(OutboundScope, _ labels: [String: String], EndpointPreference)
    /// For calls to the own workload.
    case inbound(ProxyView)
    /// For calls that come to a gateway.
    case router(ProxyView)
    /// Of what a gateway calls, the endpoints.
    case routerEndpoints(ProxyView, EndpointPreference)
    /// For calls of a gRPC application without a proxy to others.
    case proxyless(OutboundTraits)
    /// Of those, the endpoints.
    case proxylessEndpoints(OutboundScope, _ labels: [String: String], EndpointPreference)
    /// For calls to a gRPC application without a proxy.
    case proxylessServer(ProxyView)

    /// All that there is to be of it.
    func inputs(in snapshot: MeshSnapshot, _ settings: TranslationSettings) -> [ResourceInput] {
        switch self {
        case .outbound(let traits): outboundPlan(for: traits, in: snapshot, settings: settings).all
        case .endpoints(let scope, let labels, let preference):
            endpointPlan(for: scope, preference: preference, in: snapshot, labels: labels)
        case .inbound(let view): inboundPlan(for: view, in: snapshot, settings: settings).all
        case .router(let view): routerPlan(for: view, in: snapshot, settings: settings).all
        case .routerEndpoints(let view, let preference):
            routerEndpointPlan(for: view, preference: preference, in: snapshot)
        case .proxyless(let traits): proxylessPlan(for: traits, in: snapshot, settings: settings).all
        case .proxylessEndpoints(let scope, let labels, let preference):
            proxylessEndpointPlan(for: scope, preference: preference, in: snapshot, labels: labels)
        case .proxylessServer(let view): proxylessServerPlan(for: view, in: snapshot).all
        }
    }
}

extension TypeURL {
    /// Types that are answered also while there is nothing of them.
    static let answered: [TypeURL] = [
        .cluster, .endpoint, .listener, .route, .extensionConfig, .nameTable, .bootstrap, .proxyConfig,
    ]
}
