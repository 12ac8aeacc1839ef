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
    /// Several virtual hosts wanted the same domain, which one of them has.
    package var isContested: Bool

    package init(
        name: String, virtualHosts: [VirtualHostInput], fallback: Fallback = .none, ignoresPorts: Bool = true
    ) {
        self.name = name
        self.virtualHosts = virtualHosts
        self.fallback = fallback
        self.ignoresPorts = ignoresPorts
        isContested = false
    }
}

/// The routes of a listener.
package func routeConfiguration(
    _ input: RouteConfigurationInput
) throws -> Envoy_Config_Route_V3_RouteConfiguration {
    var message = input.settings
    message.name = input.name
    message.virtualHosts = try (input.virtualHosts + input.fallback.virtualHosts).map { try .init($0) }
    return message
}

extension RouteConfigurationInput {
    /// The encoded message. Virtual hosts that other configurations have too are not encoded again.
    func bytes() throws -> [UInt8] {
        typealias Message = Envoy_Config_Route_V3_RouteConfiguration
        // Fields stand in the order of their numbers: the name is the first, virtual hosts the second, then all else.
        var bytes = try Message.with { $0.name = name }.stableBytes()
        let hosts = try (virtualHosts + fallback.virtualHosts).map { try $0.bytes() }
        let rest = try settings.stableBytes()
        bytes.reserveCapacity(hosts.reduce(bytes.count + rest.count) { $0 + $1.count + 6 })
        for host in hosts {
            bytes.append(2 << 3 | 2)
            var length = host.count
            while length >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
                length >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: length))
            bytes += host
        }
        return bytes + rest
    }

    /// The message without its name and its virtual hosts.
    fileprivate var settings: Envoy_Config_Route_V3_RouteConfiguration {
        .with {
            // A cluster may come later than the routes to it.
            $0.validateClusters = false
            $0.maxDirectResponseBodySizeBytes = 1_048_576
            $0.ignorePortInHostMatching = ignoresPorts
        }
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
