package import EnvoyAPI
import SwiftProtobuf

/// All that decides the routes of a listener.
package struct RouteConfigurationInput: Hashable, Sendable {
    /// What becomes of requests for any other host.
    package enum Fallback: Hashable, Sendable {
        /// They go to a cluster, such as the one that calls the address they were sent to.
        case allow(cluster: String)
        /// They are answered with 502.
        case block
        /// There is none: nothing is found for them.
        case none
    }

    package var name: String
    /// Each with at least one domain, and no domain and no name twice.
    package var virtualHosts: [VirtualHostInput]
    package var fallback: Fallback
    /// A port that requests name with the host tells nothing.
    package var ignoresPorts: Bool

    package init(
        name: String, virtualHosts: [VirtualHostInput], fallback: Fallback = .none, ignoresPorts: Bool = true
    ) {
        self.name = name
        self.virtualHosts = virtualHosts
        self.fallback = fallback
        self.ignoresPorts = ignoresPorts
    }
}

/// The routes of a listener.
package func routeConfiguration(
    _ input: RouteConfigurationInput
) throws -> Envoy_Config_Route_V3_RouteConfiguration {
    try .with {
        $0.name = input.name
        // A cluster may come later than the routes to it.
        $0.validateClusters = false
        $0.maxDirectResponseBodySizeBytes = 1_048_576
        $0.ignorePortInHostMatching = input.ignoresPorts
        $0.virtualHosts = try (input.virtualHosts + input.fallback.virtualHosts).map { try .init($0) }
    }
}

extension RouteConfigurationInput.Fallback {
    fileprivate var virtualHosts: [VirtualHostInput] {
        switch self {
        case .none: []
        case .allow(let cluster): [.forAll(.toCluster(cluster, name: "allow_any"))]
        case .block: [.forAll(.answer(502, name: "block_all"))]
        }
    }
}

extension VirtualHostInput {
    fileprivate static func forAll(_ route: RouteInput) -> VirtualHostInput {
        VirtualHostInput(name: route.name, domains: ["*"], routes: [route])
    }
}
