import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("HTTP/3 at the edge")
struct DatagramListenerTests {
    private static let service = """
        apiVersion: v1
        kind: Service
        metadata: {name: ingress, namespace: istio-system}
        spec:
          clusterIP: 10.96.0.9
          selector: {istio: ingressgateway}
          ports:
          - {name: https, port: 443, targetPort: 8443}
          - {name: http3, port: 443, targetPort: 8443, protocol: UDP}
          - {name: https-only, port: 444, targetPort: 8444}

        """

    private static func everything(_ port: Int) -> String {
        gatewayYAML(
            "edge-\(port)",
            serverYAML(port, "HTTPS", hosts: "a.com", tls: "mode: SIMPLE, credentialName: a", name: "a"),
            serverYAML(port, "HTTPS", hosts: "b.com", tls: "mode: MUTUAL, credentialName: b", name: "b"),
            serverYAML(port, "HTTPS", hosts: "c.com", tls: "mode: OPTIONAL_MUTUAL, credentialName: c", name: "c"),
            serverYAML(port, "TLS", hosts: "d.com", tls: "mode: PASSTHROUGH", name: "d"),
            serverYAML(
                port, "HTTPS", hosts: "e.com", tls: "mode: SIMPLE, credentialName: e, maxProtocolVersion: TLSV1_2",
                name: "e"),
            serverYAML(port, "TLS", hosts: "f.com", tls: "mode: SIMPLE, credentialName: f", name: "f"))
    }

    private func resources(
        _ yaml: String, isOn: Bool = true, sources: ConfigSources = .init(), addresses: [String] = ["10.1.0.1"]
    ) throws -> Resources {
        let routes = routesYAML(
            "all", hosts: "'*'", gateways: "istio-system/edge-443, istio-system/edge-444",
            "http: [{\(toYAML("reviews.default.svc.cluster.local", 9080))}]")
        var mesh = try Mesh(objects: Self.service + yaml + routes)
        mesh.snapshot.services.merge(Mesh.bookinfo.snapshot.services) { own, _ in own }
        mesh.snapshot.settings.apply(environment: isOn ? ["PILOT_ENABLE_QUIC_LISTENERS": "true"] : [:])
        return try mesh.resources(for: mesh.router(at: addresses), settings: .init(sources: sources))
    }

    /// Who is told of HTTP/3, by what.
    private func offers(_ resources: Resources) -> [String: String] {
        var offers: [String: String] = [:]
        for host in resources.routes.flatMap(\.virtualHosts) {
            for header in host.responseHeadersToAdd where header.header.key == "alt-svc" {
                for domain in host.domains { offers[domain] = header.header.value }
            }
        }
        return offers
    }

    @Test func isOffUnlessItIsAskedFor() throws {
        let resources = try resources(Self.everything(443), isOn: false)
        #expect(resources.listeners.map(\.name) == ["0.0.0.0_8443"])
        #expect(offers(resources) == [:])
    }

    @Test func serversWithoutClientCertificatesAreOffered() throws {
        let resources = try resources(Self.everything(443))
        #expect(resources.listeners.map(\.name) == ["0.0.0.0_8443", "udp_0.0.0.0_8443"])
        let listener = try #require(resources.listener("udp_0.0.0.0_8443"))
        #expect(listener.address.socketAddress.protocol == .udp)
        #expect(listener.address.socketAddress.portValue == 8443)
        #expect(listener.udpListenerConfig.hasQuicOptions)
        #expect(listener.listenerFilters == [])
        #expect(listener.filterChains.map(\.filterChainMatch.serverNames) == [["a.com"]])
        let chain = try #require(listener.filterChains.first)
        #expect(chain.transportSocket.name == "envoy.transport_sockets.quic")
        let socket = try Envoy_Extensions_TransportSockets_Quic_V3_QuicDownstreamTransport(
            unpackingAny: chain.transportSocket.typedConfig)
        #expect(socket.downstreamTlsContext.commonTlsContext.alpnProtocols == ["h3"])
        let secrets = socket.downstreamTlsContext.commonTlsContext.tlsCertificateSdsSecretConfigs
        #expect(secrets.map(\.name) == ["kubernetes://a"])
        let manager = try #require(chain.connectionManager)
        #expect(manager.codecType == .http3)
        let tcp = try #require(
            resources.listener("0.0.0.0_8443")?.filterChains.first { $0.filterChainMatch.serverNames == ["a.com"] }?
                .connectionManager)
        #expect(manager.rds == tcp.rds)
        #expect(offers(resources) == ["a.com": "h3=\":443\"; ma=86400"])
    }

    @Test func thePortHasToBeOfTheServiceForDatagramsToo() throws {
        let resources = try resources(Self.everything(444))
        #expect(resources.listeners.map(\.name) == ["0.0.0.0_8444"])
        #expect(offers(resources) == [:])
    }

    @Test(
        "A real Envoy takes it", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"),
        arguments: [["10.1.0.1"], ["10.1.0.1", "fd00::1"]])
    func isValid(addresses: [String]) throws {
        // There is no stream here that Secrets could come by.
        let resources = try resources(
            Self.everything(443), sources: .init(credentials: .agent), addresses: addresses)
        #expect(resources.listener("udp_0.0.0.0_8443") != nil)
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }

    /// The gateway's own Envoy is the client too: of a listener in plain text that passes requests on over QUIC.
    @Test("A real Envoy is called by it", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func requestsCome() throws {
        let ports = try freePorts(3)
        let (edge, client, application) = (ports[0], ports[1], ports[2])
        let service = """
            apiVersion: v1
            kind: Service
            metadata: {name: ingress, namespace: istio-system}
            spec:
              clusterIP: 10.96.0.9
              selector: {istio: ingressgateway}
              ports: [{name: https, port: \(edge)}, {name: http3, port: \(edge), protocol: UDP}]

            """
        var mesh = try Mesh(
            objects: service
                + gatewayYAML(
                    "edge",
                    serverYAML(edge, "HTTPS", hosts: "a.example.com", tls: "mode: SIMPLE, credentialName: a"))
                + routesYAML(
                    "a", hosts: "a.example.com", gateways: "istio-system/edge",
                    "http: [{\(toYAML("a.default.svc.cluster.local", 80))}]"))
        mesh.snapshot.settings.offersHTTP3 = true
        mesh.add(
            "a", addresses: ["10.0.0.4"],
            ports: [ServicePort(name: "a", number: 80, meshProtocol: .http, target: .number(application))],
            pods: ["127.0.0.1"], isMutualTLS: false)
        let authority = try TestAuthority()
        let folder = try TestFolder()
        defer { folder.remove() }
        let source = ConfigSources.Source.folder(folder.path)
        var resources = try mesh.resources(
            for: mesh.router(), settings: .init(sources: .init(resources: source, secrets: source, credentials: source))
        )
        let certificate = try authority.server(["a.example.com"])
        resources.clusters.append(try Self.clientCluster(port: edge, root: certificate.root))
        resources.listeners.append(try Self.clientListener(port: client))
        let envoy = try RunningEnvoy(
            resources,
            secrets: [.certificate("kubernetes://a", certificate)]
                + authority.secrets(for: ["spiffe://cluster.local/ns/istio-system/sa/gateway"]), in: folder,
            application: [.application("a", application, try .answering())])
        var answer = ""
        for _ in 0..<20 where !answer.hasPrefix("HTTP/1.1 200") {
            answer = try exchange(
                with: "127.0.0.1", port: client,
                sending: "GET / HTTP/1.1\r\nhost: a.example.com\r\nconnection: close\r\n\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
        #expect(answer.contains("alt-svc: h3=\":\(edge)\"; ma=86400"), "\(answer)")
        #expect(try envoy.statistics("downstream_cx_http3_total").values.reduce(0, +) > 0)
    }

    private static func clientCluster(port: Int, root: String) throws -> Envoy_Config_Cluster_V3_Cluster {
        KnownTypes.register()
        let cluster: JSONValue = [
            "name": "client", "type": "STATIC", "connectTimeout": "60s",
            "loadAssignment": [
                "clusterName": "client",
                "endpoints": [
                    [
                        "lbEndpoints": [
                            [
                                "endpoint": [
                                    "address": [
                                        "socketAddress": ["address": "127.0.0.1", "portValue": .integer(Int64(port))]
                                    ]
                                ]
                            ]
                        ]
                    ]
                ],
            ],
            "typedExtensionProtocolOptions": [
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": [
                    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "explicitHttpConfig": ["http3ProtocolOptions": [:]],
                ]
            ],
            "transportSocket": [
                "name": "envoy.transport_sockets.quic",
                "typedConfig": [
                    "@type": "type.googleapis.com/xds.type.v3.TypedStruct",
                    "typeUrl": "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport",
                    "value": [
                        "upstream_tls_context": [
                            "sni": "a.example.com",
                            "common_tls_context": [
                                "validation_context": ["trusted_ca": ["inline_string": .string(root)]]
                            ],
                        ]
                    ],
                ],
            ],
        ]
        return try .init(jsonString: cluster.jsonText)
    }

    private static func clientListener(port: Int) throws -> Envoy_Config_Listener_V3_Listener {
        let manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager.with {
            $0.statPrefix = "client"
            $0.routeConfig.virtualHosts = [.everything { $0.route.cluster = "client" }]
            $0.routeConfig.validateClusters = .init(false)
            $0.httpFilters = [
                .with {
                    $0.name = "envoy.filters.http.router"
                    $0.typedConfig = (try? .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())) ?? .init()
                }
            ]
        }
        let packed = try Google_Protobuf_Any(packing: manager)
        return .with {
            $0.name = "client"
            $0.address.socketAddress.address = "127.0.0.1"
            $0.address.socketAddress.portValue = UInt32(port)
            $0.filterChains = [
                .with {
                    $0.filters = [
                        .with {
                            $0.name = "envoy.filters.network.http_connection_manager"
                            $0.typedConfig = packed
                        }
                    ]
                }
            ]
        }
    }
}
