import DiscoveryAPI
import EnvoyAPI
import FoundationEssentials
import SwiftProtobuf

/// Messages of each kind that a control plane sends, with maps in many places.
enum Samples {
    /// All of them, for whoever reads them with other definitions.
    static var all: [any Message] {
        get throws {
            [
                try listener(), try cluster(), try routes(), loadAssignment, secret, try bootstrap(),
                try resource(), try response(), request,
            ]
        }
    }

    static func listener() throws -> Envoy_Config_Listener_V3_Listener {
        try .with {
            $0.name = "0.0.0.0_9080"
            $0.address = address("0.0.0.0", 9080)
            $0.trafficDirection = .outbound
            $0.bindToPort = false
            $0.listenerFilters = [
                try .with {
                    $0.name = "envoy.filters.listener.tls_inspector"
                    $0.typedConfig = try .init(
                        packing: Envoy_Extensions_Filters_Listener_TlsInspector_V3_TlsInspector())
                }
            ]
            $0.filterChains = [
                try .with {
                    $0.filterChainMatch.applicationProtocols = ["http/1.1", "h2c"]
                    $0.filterChainMatch.prefixRanges = [
                        .with {
                            $0.addressPrefix = "10.0.0.0"; $0.prefixLen = 8
                        }
                    ]
                    $0.filters = [
                        try .with {
                            $0.name = "envoy.filters.network.http_connection_manager"
                            $0.typedConfig = try .init(packing: connectionManager())
                        }
                    ]
                    $0.transportSocket.name = "envoy.transport_sockets.tls"
                    $0.transportSocket.typedConfig = try .init(packing: downstreamTLS)
                }
            ]
            $0.defaultFilterChain.filters = [
                try .with {
                    $0.name = "envoy.filters.network.tcp_proxy"
                    $0.typedConfig = try .init(
                        packing: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy.with {
                            $0.statPrefix = "PassthroughCluster"
                            $0.cluster = "PassthroughCluster"
                        })
                }
            ]
        }
    }

    static func connectionManager()
        throws -> Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager
    {
        try .with {
            $0.statPrefix = "outbound_0.0.0.0_9080"
            $0.rds.routeConfigName = "9080"
            $0.rds.configSource.ads = .init()
            $0.rds.configSource.resourceApiVersion = .v3
            $0.useRemoteAddress = false
            $0.forwardClientCertDetails = .appendForward
            $0.setCurrentClientCertDetails.subject = true
            $0.streamIdleTimeout = .init(seconds: 0)
            $0.upgradeConfigs = [.with { $0.upgradeType = "websocket" }]
            $0.httpFilters = [
                try .with {
                    $0.name = "envoy.filters.http.rbac"
                    $0.typedConfig = try .init(packing: authorization)
                },
                try .with {
                    $0.name = "example"
                    $0.typedConfig = try .init(
                        packing: Xds_Type_V3_TypedStruct.with {
                            $0.typeURL = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer"
                            $0.value = ["max_request_bytes": 65_536]
                        })
                },
                try .with {
                    $0.name = "envoy.filters.http.router"
                    $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
                },
            ]
        }
    }

    static var authorization: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC {
        .with {
            $0.rules.action = .allow
            for name in ["ns[default]-policy[b]-rule[0]", "ns[default]-policy[a]-rule[0]", "istio-ext-authz"] {
                $0.rules.policies[name] = .with {
                    $0.permissions = [.with { $0.any = true }]
                    $0.principals = [
                        .with { $0.authenticated.principalName.exact = "spiffe://cluster.local/ns/default/sa/sleep" }
                    ]
                }
            }
        }
    }

    static var downstreamTLS: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext {
        .with {
            $0.requireClientCertificate = true
            $0.commonTlsContext.alpnProtocols = ["istio", "h2"]
            $0.commonTlsContext.tlsParams.tlsMinimumProtocolVersion = .tlsv12
            $0.commonTlsContext.tlsCertificateSdsSecretConfigs = [
                .with {
                    $0.name = "default"
                    $0.sdsConfig.ads = .init()
                }
            ]
        }
    }

    static func cluster() throws -> Envoy_Config_Cluster_V3_Cluster {
        try .with {
            $0.name = "outbound|9080|v1|reviews.default.svc.cluster.local"
            $0.type = .eds
            $0.edsClusterConfig.edsConfig.ads = .init()
            $0.edsClusterConfig.serviceName = $0.name
            $0.connectTimeout = .init(seconds: 10)
            $0.lbPolicy = .leastRequest
            $0.circuitBreakers.thresholds = [
                .with {
                    $0.maxConnections = 4_294_967_295; $0.trackRemaining = true
                }
            ]
            $0.outlierDetection.consecutive5Xx = 5
            $0.typedExtensionProtocolOptions["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = try .init(
                packing: Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions.with {
                    $0.explicitHTTPConfig.http2ProtocolOptions.maxConcurrentStreams = 1_073_741_824
                })
            $0.metadata.filterMetadata["istio"] = [
                "services": .init(listValue: [.init(structValue: ["host": "reviews", "namespace": "default"])])
            ]
        }
    }

    static func routes() throws -> Envoy_Config_Route_V3_RouteConfiguration {
        try .with {
            $0.name = "9080"
            $0.validateClusters = false
            $0.virtualHosts = [
                try .with {
                    $0.name = "reviews.default.svc.cluster.local:9080"
                    $0.domains = ["reviews", "reviews.default"]
                    $0.routes = [
                        try .with {
                            $0.match.prefix = "/"
                            $0.match.headers = [
                                .with {
                                    $0.name = "end-user"; $0.stringMatch.exact = "jason"
                                }
                            ]
                            $0.route.weightedClusters.clusters = [
                                .with {
                                    $0.name = "outbound|9080|v1|reviews"; $0.weight = 90
                                },
                                .with {
                                    $0.name = "outbound|9080|v2|reviews"; $0.weight = 10
                                },
                            ]
                            $0.route.timeout = .init(seconds: 0)
                            $0.route.retryPolicy.retryOn = "connect-failure,refused-stream"
                            $0.route.retryPolicy.numRetries = 2
                            $0.typedPerFilterConfig["envoy.filters.http.cors"] = try .init(
                                packing: Envoy_Extensions_Filters_Http_Cors_V3_CorsPolicy.with {
                                    $0.allowMethods = "GET"
                                    $0.allowCredentials = true
                                })
                        }
                    ]
                }
            ]
        }
    }

    static var loadAssignment: Envoy_Config_Endpoint_V3_ClusterLoadAssignment {
        .with {
            $0.clusterName = "outbound|9080||reviews.default.svc.cluster.local"
            $0.endpoints = [
                .with {
                    $0.locality.region = "region"
                    $0.priority = 1
                    $0.loadBalancingWeight = 2
                    $0.lbEndpoints = [
                        .with {
                            $0.endpoint.address = address("10.0.0.1", 9080)
                            $0.healthStatus = .healthy
                            $0.metadata.filterMetadata["envoy.transport_socket_match"] = ["tlsMode": "istio"]
                        }
                    ]
                }
            ]
        }
    }

    static var secret: Envoy_Extensions_TransportSockets_Tls_V3_Secret {
        .with {
            $0.name = "default"
            $0.tlsCertificate.certificateChain.inlineBytes = .init([0x2d, 0x00, 0xff])
            $0.tlsCertificate.privateKey.inlineBytes = .init([0x01])
        }
    }

    static func resource() throws -> Envoy_Service_Discovery_V3_Resource {
        try .with {
            $0.name = loadAssignment.clusterName
            $0.version = "1"
            $0.resource = try .init(packing: loadAssignment)
        }
    }

    static func response() throws -> Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
        let cluster = try cluster()
        return try .with {
            $0.typeURL = Envoy_Config_Cluster_V3_Cluster.typeURL
            $0.nonce = "1"
            $0.resources = [
                try .with {
                    $0.name = cluster.name
                    $0.version = "v"
                    $0.resource = try .init(packing: cluster)
                }
            ]
            $0.removedResources = ["outbound|80||gone.default.svc.cluster.local"]
        }
    }

    static var request: Envoy_Service_Discovery_V3_DiscoveryRequest {
        .with {
            $0.node.id = "sidecar~10.0.0.1~productpage-1.default~default.svc.cluster.local"
            $0.node.metadata = ["NAMESPACE": "default", "LABELS": .init(structValue: ["app": "productpage"])]
            $0.typeURL = Envoy_Config_Listener_V3_Listener.typeURL
            $0.responseNonce = "1"
            $0.errorDetail.code = 3
            $0.errorDetail.message = "no such filter"
        }
    }

    /// A proxy with these resources in its bootstrap, so that a real one can be asked what it thinks of them.
    static func bootstrap() throws -> Envoy_Config_Bootstrap_V3_Bootstrap {
        try .with {
            $0.node = request.node
            $0.node.cluster = "productpage.default"
            $0.staticResources.listeners = [try listener()]
            $0.staticResources.clusters = [
                try cluster(),
                .with {
                    $0.name = "xds-grpc"
                    $0.type = .static
                    $0.connectTimeout = .init(seconds: 1)
                    $0.loadAssignment = loadAssignment
                    $0.loadAssignment.clusterName = "xds-grpc"
                },
            ]
            $0.dynamicResources.adsConfig.apiType = .deltaGrpc
            $0.dynamicResources.adsConfig.transportApiVersion = .v3
            $0.dynamicResources.adsConfig.grpcServices = [.with { $0.envoyGrpc.clusterName = "xds-grpc" }]
            $0.admin.address = address("127.0.0.1", 15_000)
            $0.statsConfig.statsTags = [
                .with {
                    $0.tagName = "cluster_name"
                    $0.regex = "^cluster\\.((.+?(\\..+?\\.svc\\.cluster\\.local)?)\\.)"
                }
            ]
            $0.statsConfig.statsMatcher.inclusionList.patterns = [.with { $0.prefix = "cluster." }]
            $0.layeredRuntime.layers = [
                .with {
                    $0.name = "static"
                    $0.staticLayer = ["overload.global_downstream_max_connections": "2147483647"]
                }
            ]
        }
    }

    static func address(_ host: String, _ port: UInt32) -> Envoy_Config_Core_V3_Address {
        .with {
            $0.socketAddress.address = host
            $0.socketAddress.portValue = port
        }
    }
}
