import EnvoyAPI
import EnvoyTesting
import SwiftProtobuf
import XDSServer

/// One proxy that calls itself over mutual TLS: `client` takes plain HTTP, and passes it on to `server`, which answers.
enum MutualTLSMesh {
    /// - Parameter socket: Where `server` listens.
    static func resources(socket: String, answer: String = "hello") throws -> ResourceCache {
        let cluster = try Envoy_Config_Cluster_V3_Cluster.with {
            $0.name = "server"
            $0.type = .eds
            $0.edsClusterConfig.edsConfig.ads = .init()
            $0.edsClusterConfig.edsConfig.resourceApiVersion = .v3
            $0.transportSocket.name = "tls"
            let tls = Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext.with {
                $0.commonTlsContext = context
                // Each request shows that the certificate of its moment is good.
                $0.maxSessionKeys.value = 0
            }
            $0.transportSocket.typedConfig = try .init(packing: tls)
            let options = Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions.with {
                $0.commonHTTPProtocolOptions.maxRequestsPerConnection.value = 1
                $0.explicitHTTPConfig.httpProtocolOptions = .init()
            }
            $0.typedExtensionProtocolOptions = [
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": try .init(packing: options)
            ]
        }
        return try ResourceCache([
            .cluster: ResourceSnapshot([
                Resource(name: "server", body: cluster.serializedBytes(), dependents: ["server"])
            ]),
            .endpoint: ResourceSnapshot([
                Resource(
                    name: "server",
                    body: Envoy_Config_Endpoint_V3_ClusterLoadAssignment.socket("server", socket).serializedBytes())
            ]),
            .listener: ResourceSnapshot([try client(), try server(socket, answer)]),
        ])
    }

    /// The workload's certificate and the mesh's roots, from the agent.
    private static let context = Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext.with {
        $0.tlsCertificateSdsSecretConfigs = [secret("default")]
        $0.validationContextSdsSecretConfig = secret("ROOTCA")
    }

    private static func secret(_ name: String) -> Envoy_Extensions_TransportSockets_Tls_V3_SdsSecretConfig {
        .with {
            $0.name = name
            $0.sdsConfig.resourceApiVersion = .v3
            $0.sdsConfig.initialFetchTimeout = .init(seconds: 0)
            $0.sdsConfig.apiConfigSource.apiType = .grpc
            $0.sdsConfig.apiConfigSource.transportApiVersion = .v3
            $0.sdsConfig.apiConfigSource.setNodeOnFirstMessageOnly = true
            $0.sdsConfig.apiConfigSource.grpcServices = [.with { $0.envoyGrpc.clusterName = "sds-grpc" }]
        }
    }

    static func client() throws -> Resource {
        let listener = try Envoy_Config_Listener_V3_Listener.with {
            $0.name = "client"
            $0.address.socketAddress.address = "127.0.0.1"
            $0.address.socketAddress.portValue = 0
            var chain = Envoy_Config_Listener_V3_FilterChain()
            chain.filters = [try filter { $0.route.cluster = "server" }]
            $0.filterChains = [chain]
        }
        return Resource(name: "client", body: try listener.serializedBytes())
    }

    static func server(_ socket: String, _ answer: String) throws -> Resource {
        let listener = try Envoy_Config_Listener_V3_Listener.with {
            $0.name = "server"
            $0.address.pipe.path = socket
            let tls = Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext.with {
                $0.commonTlsContext = context
                $0.requireClientCertificate.value = true
                $0.disableStatelessSessionResumption = true
            }
            var chain = Envoy_Config_Listener_V3_FilterChain()
            chain.transportSocket.name = "tls"
            chain.transportSocket.typedConfig = try .init(packing: tls)
            chain.filters = [
                try filter { $0.answer(answer) }
            ]
            $0.filterChains = [chain]
        }
        return Resource(name: "server", body: try listener.serializedBytes())
    }

    private static func filter(
        _ route: (inout Envoy_Config_Route_V3_Route) -> Void
    ) throws -> Envoy_Config_Listener_V3_Filter {
        let manager = try Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager.with {
            $0.statPrefix = "http"
            $0.routeConfig.virtualHosts = [.everything(route)]
            $0.httpFilters = [
                try .with {
                    $0.name = "router"
                    $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
                }
            ]
        }
        return try .with {
            $0.name = "http"
            $0.typedConfig = try .init(packing: manager)
        }
    }
}
