import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Cluster_V3_Cluster {
    /// What clusters have in common.
    static func base(named name: String, connectTimeout: Duration) -> Self {
        .with {
            $0.name = name
            $0.altStatName = ClusterNames.statistics(name)
            $0.connectTimeout = .init(connectTimeout)
            $0.circuitBreakers = .unlimited
        }
    }

    /// How HTTP requests travel, where any do.
    mutating func speak(_ upstream: OutboundClusterInput.Upstream) throws {
        let options: Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions
        switch upstream {
        // HTTP/1.1 is what Envoy speaks unless it is told.
        case .tcp, .http1: return
        case .http2: options = .http2
        case .sniffed: options = .asDownstream
        }
        typedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            try .init(packing: options)
    }
}

extension Envoy_Config_Cluster_V3_CircuitBreakers {
    /// No limit of this kind, and retries are not held back by the number of those under way.
    static let unlimited: Self = .with {
        $0.thresholds = [
            .with {
                $0.maxConnections = .unlimited
                $0.maxPendingRequests = .unlimited
                $0.maxRequests = .unlimited
                $0.maxRetries = .unlimited
                $0.trackRemaining = true
            }
        ]
    }
}

extension Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions {
    fileprivate static let http2: Self = .with {
        $0.explicitHTTPConfig.http2ProtocolOptions = .init()
    }

    fileprivate static let asDownstream: Self = .with {
        $0.useDownstreamProtocolConfig = .with {
            $0.httpProtocolOptions = .init()
            $0.http2ProtocolOptions = .init()
        }
    }
}

extension Envoy_Config_Core_V3_Metadata {
    /// Which services a cluster is of: what telemetry reads.
    static func services(_ services: [(host: String, name: String, namespace: String)]) -> Self {
        let list = services.map { service in
            Google_Protobuf_Value(
                structValue: Google_Protobuf_Struct(fields: [
                    "host": .init(stringValue: service.host), "name": .init(stringValue: service.name),
                    "namespace": .init(stringValue: service.namespace),
                ]))
        }
        return .init("istio", ["services": .init(listValue: .with { $0.values = list })])
    }
}

extension Envoy_Config_Cluster_V3_UpstreamConnectionOptions {
    init(_ keepalive: TCPKeepalive) {
        self.init()
        tcpKeepalive = .with {
            if let time = keepalive.time { $0.keepaliveTime = .init(Int(time.components.seconds)) }
            if let interval = keepalive.interval { $0.keepaliveInterval = .init(Int(interval.components.seconds)) }
            if let probes = keepalive.probes { $0.keepaliveProbes = .init(probes) }
        }
    }
}
