package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides the cluster of a port of the own workload.
package struct InboundClusterInput: Hashable, Sendable {
    /// Which address of the workload is called.
    package enum Target: Hashable, Sendable {
        /// The one that was called; on another port, if there is one.
        case originalDestination(port: Int? = nil)
        case localhost(port: Int)
        /// `unix://` and a path.
        case socket(String)
    }

    /// A service that is served on the port.
    package struct Service: Hashable, Sendable {
        package var host: String
        package var name: String
        package var namespace: String
    }

    /// The workload's own port, not the service's.
    package var port: Int
    package var target: Target
    package var upstream: OutboundClusterInput.Upstream
    package var services: [Service]
    /// How many connections and requests there may be.
    package var pool: ConnectionPool?
    /// The name in statistics; empty for the cluster's own.
    package var statisticsName: String
    package var settings: ClusterSettings

    package var name: String { ClusterNames.inbound(port: port) }
}

/// The cluster of a port of the own workload.
///
/// Calls go on to the address that the client called, from 127.0.0.6, which capture lets pass. So a workload that listens
/// on the address of its Pod alone, as members of a StatefulSet do, is reached as well as one that listens on all.
package func inboundCluster(_ input: InboundClusterInput) throws -> Envoy_Config_Cluster_V3_Cluster {
    try .with {
        $0 = .base(
            named: input.name, connectTimeout: input.pool?.connectTimeout ?? input.settings.connectTimeout,
            statisticsName: input.statisticsName)
        $0.limit(input.pool)
        $0.keepAlive(input.pool?.keepalive)
        switch input.target {
        case .originalDestination(let port):
            $0.passOn(from: input.settings.families)
            if let port { $0.originalDstLbConfig.upstreamPortOverride = .init(port) }
        case .localhost(let port):
            $0.call(.socket(input.settings.families.localhost, port))
        case .socket(let path):
            $0.call(.socket(path, 0))
        }
        $0.metadata = .services(input.services.map { ($0.host, $0.name, $0.namespace) })
        try $0.speak(UpstreamProtocol(upstream: input.upstream, pool: input.pool))
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    /// To one address, whatever was called.
    fileprivate mutating func call(_ address: Envoy_Config_Core_V3_Address) {
        type = .static
        loadAssignment = .with {
            $0.clusterName = name
            $0.endpoints = [.with { $0.lbEndpoints = [.with { $0.endpoint.address = address }] }]
        }
    }

    /// To the address that was called, from the one that capture lets pass.
    fileprivate mutating func passOn(from families: AddressFamilies) {
        type = .originalDst
        lbPolicy = .clusterProvided
        cleanupInterval = .init(.seconds(60))
        let sources = families.inboundSources
        upstreamBindConfig.sourceAddress = .init(sources[0], 0)
        upstreamBindConfig.extraSourceAddresses = sources.dropFirst().map { source in
            .with { $0.address = .init(source, 0) }
        }
    }
}

/// The clusters that every sidecar has, whatever services there are.
package enum FixedCluster: Hashable, Sendable, CaseIterable {
    case passthrough
    case blackHole
    case inboundPassthrough
    /// Not of every sidecar, but of those that look up hosts that the mesh knows nothing of.
    case dynamicDNS

    package var name: String {
        switch self {
        case .passthrough: ClusterNames.passthrough
        case .blackHole: ClusterNames.blackHole
        case .inboundPassthrough: ClusterNames.inboundPassthrough
        case .dynamicDNS: ClusterNames.dynamicDNS
        }
    }
}

/// One of the clusters that every sidecar has.
package func fixedCluster(
    _ kind: FixedCluster, settings: ClusterSettings
) throws -> Envoy_Config_Cluster_V3_Cluster {
    try .with {
        $0 = .base(named: kind.name, connectTimeout: settings.connectTimeout)
        switch kind {
        case .passthrough:
            $0.type = .originalDst
            $0.lbPolicy = .clusterProvided
            try $0.speak(.sniffed)
            if let keepalive = settings.keepalive { $0.upstreamConnectionOptions = .init(keepalive) }
        case .blackHole:
            $0.type = .static
        case .inboundPassthrough:
            $0.passOn(from: settings.families)
            try $0.speak(.sniffed)
        case .dynamicDNS:
            $0 = try HostLookup(settings).cluster()
        }
        $0.metadata = .unknownService(kind.name)
    }
}
