package import EnvoyAPI
import SwiftProtobuf

/// The cluster of one port of a service.
package func outboundCluster(_ input: OutboundClusterInput) throws -> Envoy_Config_Cluster_V3_Cluster {
    try .with {
        $0 = .base(named: input.name, connectTimeout: input.settings.connectTimeout)
        $0.discover(input.discovery, settings: input.settings)
        $0.metadata = .services([(input.host, input.serviceName, input.namespace)])
        try $0.speak(input.upstream)
        try $0.secure(input)
        if let keepalive = input.settings.keepalive { $0.upstreamConnectionOptions = .init(keepalive) }
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate mutating func discover(
        _ discovery: OutboundClusterInput.Discovery, settings: ClusterSettings
    ) {
        switch discovery {
        case .endpoints:
            type = .eds
            edsClusterConfig.serviceName = name
            edsClusterConfig.edsConfig = settings.source.message(for: name)
            balance(settings)
        case .originalDestination:
            type = .originalDst
            lbPolicy = .clusterProvided
        case .dns(let host, let port):
            type = .strictDns
            dnsLookupFamily = settings.families.dnsLookup
            dnsRefreshRate = .init(settings.dnsRefreshRate)
            dnsJitter = .init(.milliseconds(100))
            respectDnsTtl = true
            loadAssignment = .with {
                $0.clusterName = name
                $0.endpoints = [
                    .with {
                        $0.lbEndpoints = [.with { $0.endpoint.address = .socket(host, port) }]
                        $0.loadBalancingWeight = 1
                    }
                ]
            }
            balance(settings)
        }
    }

    private mutating func balance(_ settings: ClusterSettings) {
        lbPolicy = .leastRequest
        commonLbConfig = .init()
        if settings.weighsLocalities { commonLbConfig.localityWeightedLbConfig = .init() }
    }

    fileprivate mutating func secure(_ input: OutboundClusterInput) throws {
        switch input.security {
        case .plaintext: break
        case .mutualTLS(let tls): transportSocket = try input.socket(tls)
        case .automatic(let tls):
            transportSocketMatches = [
                try .with {
                    $0.name = "tlsMode-istio"
                    $0.match = Google_Protobuf_Struct(fields: TLSModeMetadata.mutualTLS)
                    $0.transportSocket = try input.socket(tls)
                },
                try .with {
                    $0.name = "tlsMode-disabled"
                    $0.match = .init()
                    $0.transportSocket = try .rawBuffer()
                },
            ]
        }
    }
}

extension OutboundClusterInput {
    fileprivate func socket(_ tls: MutualTLS) throws -> Envoy_Config_Core_V3_TransportSocket {
        try tls.upstreamSocket(
            serverName: ClusterNames.serverName(port: port, host: host), names: subjectAltNames,
            protocols: upstream.applicationProtocols)
    }
}

/// The metadata of endpoints by which a cluster tells those that speak mutual TLS.
enum TLSModeMetadata {
    static let key = "envoy.transport_socket_match"
    static let mutualTLS: [String: Google_Protobuf_Value] = ["tlsMode": "istio"]
}
