/// The type URL of a kind of xDS resource, `type.googleapis.com/…`.
package struct TypeURL: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    package static func < (left: TypeURL, right: TypeURL) -> Bool { left.rawValue < right.rawValue }

    /// CDS.
    package static let cluster = TypeURL(rawValue: "type.googleapis.com/envoy.config.cluster.v3.Cluster")
    /// EDS.
    package static let endpoint = TypeURL(
        rawValue: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment")
    /// LDS.
    package static let listener = TypeURL(rawValue: "type.googleapis.com/envoy.config.listener.v3.Listener")
    /// SRDS.
    package static let scopedRoute = TypeURL(
        rawValue: "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration")
    /// RDS.
    package static let route = TypeURL(rawValue: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration")
    /// VHDS.
    package static let virtualHost = TypeURL(rawValue: "type.googleapis.com/envoy.config.route.v3.VirtualHost")
    /// SDS.
    package static let secret = TypeURL(
        rawValue: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret")
    /// ECDS.
    package static let extensionConfig = TypeURL(
        rawValue: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig")
    /// RTDS.
    package static let runtime = TypeURL(rawValue: "type.googleapis.com/envoy.service.runtime.v3.Runtime")
    /// NDS, the names an agent's DNS proxy answers.
    package static let nameTable = TypeURL(
        rawValue: "type.googleapis.com/istio.networking.nds.v1.NameTable")
    /// PCDS, what an agent follows of its proxy's settings.
    package static let proxyConfig = TypeURL(rawValue: "type.googleapis.com/istio.mesh.v1alpha1.ProxyConfig")
    /// What an agent changes of the bootstrap before it starts its proxy.
    package static let bootstrap = TypeURL(rawValue: "type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap")

    /// What an agent reports of its workload's health; no response follows.
    package static let health = TypeURL(rawValue: "type.googleapis.com/istio.v1.HealthInformation")

    /// Who is at an address of a network.
    package static let workloadAddress = TypeURL(rawValue: "type.googleapis.com/istio.workload.Address")

    /// Questions of people's tools about the server itself, by the path of a debug endpoint.
    package static let debug = TypeURL(rawValue: "istio.io/debug")
    /// The question of what proxies have acknowledged, answered in Envoy's own messages.
    package static let debugSync = TypeURL(rawValue: "istio.io/debug/syncz")
    /// The question of what one proxy is to have.
    package static let debugConfigDump = TypeURL(rawValue: "istio.io/debug/config_dump")

    private static let named: Set<TypeURL> = [.endpoint, .route, .virtualHost, .secret, .extensionConfig, .runtime]

    /// Clients ask for these by name: there is no wildcard, and in the state-of-the-world protocol a resource that a
    /// response leaves out stays as it is. Responses of all other types hold everything the client asked for.
    package var isNamed: Bool { Self.named.contains(self) }
}
