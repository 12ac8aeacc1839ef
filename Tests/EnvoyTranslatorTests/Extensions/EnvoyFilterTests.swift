import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

private typealias ConnectionManager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager

extension Mesh {
    /// This mesh with objects of configuration, in YAML. Whatever is wrong with them fails the test.
    func configured(_ yaml: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Mesh {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: yaml) {
            let told = objects.add(UnstructuredObject(document))
            #expect(told == [], sourceLocation: sourceLocation)
        }
        let translation = MeshTranslation(objects)
        #expect(translation.diagnostics == [:], sourceLocation: sourceLocation)
        var mesh = self
        mesh.snapshot.configuration = translation.snapshot.configuration
        return mesh
    }
}

@Suite("EnvoyFilters")
struct EnvoyFilterTests {
    static func filter(
        _ name: String = "f", namespace: String = "istio-system", spec: String = "", patches: String
    ) -> String {
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          \(spec)
          configPatches:
          \(patches.split(separator: "\n").joined(separator: "\n  "))
        ---

        """
    }

    static let lua = filter(
        patches: """
            - applyTo: HTTP_FILTER
              match:
                context: SIDECAR_INBOUND
                listener:
                  portNumber: 9080
                  filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}
              patch:
                operation: INSERT_BEFORE
                value:
                  name: envoy.filters.http.lua
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                    default_source_code: {inline_string: "function envoy_on_request(h) end"}
            """)

    private func resources(
        _ yaml: String, at address: String = "10.244.0.3", edit: (inout Proxy) -> Void = { _ in }
    ) throws -> Resources {
        let mesh = try Mesh.bookinfo.configured(yaml)
        var proxy = mesh.sidecar(at: [address])
        edit(&proxy)
        return try mesh.resources(for: proxy)
    }

    @Test func aFilterOfAnUnknownKindIsPutBeforeTheRouterOfOnePort() throws {
        let inbound = try #require(resources(Self.lua).listener("virtualInbound"))
        for chain in inbound.filterChains {
            guard let manager = chain.connectionManager else { continue }
            let names = manager.httpFilters.map(\.name)
            guard chain.filterChainMatch.destinationPort.value == 9080 else {
                #expect(!names.contains("envoy.filters.http.lua"))
                continue
            }
            #expect(Array(names.suffix(2)) == ["envoy.filters.http.lua", "envoy.filters.http.router"])
            let config = try #require(manager.httpFilters.dropLast().last?.typedConfig)
            let typed = try Xds_Type_V3_TypedStruct(unpackingAny: config)
            #expect(typed.typeURL == "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua")
            #expect(typed.value.fields["default_source_code"] != nil)
        }
        #expect(inbound.filterChains.contains { $0.filterChainMatch.destinationPort.value == 9080 })
    }

    @Test func aConnectionManagerIsMergedFieldByField() throws {
        let yaml = Self.filter(
            patches: """
                - applyTo: NETWORK_FILTER
                  match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
                  patch:
                    operation: MERGE
                    value:
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        common_http_protocol_options: {idle_timeout: 30s}
                        streamIdleTimeout: 1.5s
                        upgrade_configs: [{upgrade_type: CONNECT}]
                """)
        let before = try resources("").listener("0.0.0.0_9080")?.filterChains.first?.connectionManager
        let after = try resources(yaml).listener("0.0.0.0_9080")?.filterChains.first?.connectionManager
        var expected = try #require(before)
        expected.commonHTTPProtocolOptions.idleTimeout = .init(seconds: 30)
        expected.streamIdleTimeout = .init(seconds: 1, nanos: 500_000_000)
        expected.upgradeConfigs.append(.with { $0.upgradeType = "CONNECT" })
        #expect(after == expected)
    }

    @Test func clustersAreMergedAddedAndRemoved() throws {
        let yaml = Self.filter(
            patches: """
                - applyTo: CLUSTER
                  match: {context: SIDECAR_OUTBOUND, cluster: {service: reviews.default.svc.cluster.local}}
                  patch: {operation: MERGE, value: {connect_timeout: 0.5s, circuit_breakers: {thresholds: [{max_connections: 7}]}}}
                - applyTo: CLUSTER
                  match: {context: SIDECAR_OUTBOUND, cluster: {portNumber: 9080, service: details.default.svc.cluster.local}}
                  patch: {operation: MERGE_AND_REPLACE_LIST, value: {circuit_breakers: {thresholds: [{max_connections: 7}]}}}
                - applyTo: CLUSTER
                  match: {context: SIDECAR_OUTBOUND, cluster: {name: outbound|3306||mysqldb.default.svc.cluster.local}}
                  patch: {operation: REMOVE}
                - applyTo: CLUSTER
                  patch: {operation: ADD, value: {name: rate_limit_cluster, type: STRICT_DNS, connect_timeout: 1s}}
                """)
        let resources = try resources(yaml)
        let reviews = try #require(resources.cluster("outbound|9080||reviews.default.svc.cluster.local"))
        #expect(reviews.connectTimeout == .init(seconds: 0, nanos: 500_000_000))
        #expect(reviews.circuitBreakers.thresholds.map(\.maxConnections.value) == [UInt32.max, 7])
        #expect(reviews.type == .eds)
        let details = try #require(resources.cluster("outbound|9080||details.default.svc.cluster.local"))
        #expect(details.circuitBreakers.thresholds.map(\.maxConnections.value) == [7])
        #expect(resources.cluster("outbound|3306||mysqldb.default.svc.cluster.local") == nil)
        #expect(resources.clusters.filter { $0.name == "rate_limit_cluster" }.map(\.type) == [.strictDns])
    }

    @Test func anInboundClusterCanBeSentToLocalhostAsOnceItWas() throws {
        let yaml = Self.filter(
            patches: """
                - applyTo: CLUSTER
                  match: {context: SIDECAR_INBOUND, cluster: {portNumber: 9080}}
                  patch:
                    operation: REPLACE
                    value:
                      type: STATIC
                      connect_timeout: 10s
                      load_assignment:
                        cluster_name: "inbound|9080||"
                        endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9080}}}}]}]
                """)
        let cluster = try #require(resources(yaml).cluster("inbound|9080||"))
        #expect(cluster.type == .static)
        #expect(!cluster.hasUpstreamBindConfig)
        #expect(
            cluster.loadAssignment.endpoints.first?.lbEndpoints.first?.endpoint.address.socketAddress.address
                == "127.0.0.1")
    }

    @Test func oneOfSeveralFieldsTakesTheOthersPlace() throws {
        let yaml = Self.filter(
            patches: """
                - applyTo: HTTP_ROUTE
                  match:
                    context: SIDECAR_OUTBOUND
                    routeConfiguration: {portNumber: 9080, vhost: {name: "reviews.default.svc.cluster.local:9080", route: {name: default}}}
                  patch: {operation: MERGE, value: {direct_response: {status: 418}}}
                - applyTo: VIRTUAL_HOST
                  match: {context: SIDECAR_OUTBOUND, routeConfiguration: {vhost: {name: "details.default.svc.cluster.local:9080"}}}
                  patch: {operation: MERGE, value: {request_headers_to_add: [{header: {key: x-patched, value: "1"}}]}}
                - applyTo: ROUTE_CONFIGURATION
                  match: {context: SIDECAR_OUTBOUND, routeConfiguration: {name: "9080"}}
                  patch: {operation: MERGE, value: {response_headers_to_remove: [server]}}
                - applyTo: HTTP_ROUTE
                  match: {context: SIDECAR_INBOUND, routeConfiguration: {portNumber: 9080}}
                  patch: {operation: INSERT_FIRST, value: {name: first, match: {path: /healthz}, direct_response: {status: 200}}}
                """)
        let resources = try resources(yaml)
        let routes = try #require(resources.routes("9080"))
        #expect(routes.responseHeadersToRemove == ["server"])
        for host in routes.virtualHosts {
            switch host.name {
            case "reviews.default.svc.cluster.local:9080":
                #expect(host.routes.map(\.directResponse.status) == [418])
            case "details.default.svc.cluster.local:9080":
                #expect(host.requestHeadersToAdd.map(\.header.key) == ["x-patched"])
            default:
                #expect(host.requestHeadersToAdd.isEmpty && !host.routes.contains { $0.directResponse.status == 418 })
            }
        }
        let chains = try #require(resources.listener("virtualInbound")).filterChains
        let managers = chains.filter { $0.filterChainMatch.destinationPort.value == 9080 }
            .compactMap(\.connectionManager)
        #expect(!managers.isEmpty)
        for manager in managers {
            #expect(manager.routeConfig.virtualHosts.first?.routes.map(\.name) == ["first", "default"])
        }
    }

    @Test func listenersAndTheirPartsAreChanged() throws {
        let yaml = Self.filter(
            patches: """
                - applyTo: LISTENER
                  match: {context: SIDECAR_OUTBOUND, listener: {name: virtualOutbound}}
                  patch: {operation: MERGE, value: {per_connection_buffer_limit_bytes: 8192}}
                - applyTo: LISTENER
                  match: {context: SIDECAR_OUTBOUND}
                  patch:
                    operation: ADD
                    value:
                      name: extra
                      address: {socket_address: {address: 127.0.0.1, port_value: 18080}}
                      filter_chains: [{filters: [{name: envoy.filters.network.tcp_proxy, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: extra, cluster: PassthroughCluster}}]}]
                - applyTo: LISTENER_FILTER
                  match: {context: SIDECAR_INBOUND}
                  patch:
                    operation: INSERT_FIRST
                    value: {name: envoy.filters.listener.proxy_protocol, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol}}
                - applyTo: FILTER_CHAIN
                  match: {context: SIDECAR_INBOUND, listener: {filterChain: {name: virtualInbound-blackhole}}}
                  patch: {operation: REMOVE}
                - applyTo: NETWORK_FILTER
                  match: {context: SIDECAR_OUTBOUND, listener: {portNumber: 3306}}
                  patch:
                    operation: ADD
                    value: {name: envoy.filters.network.mysql_proxy, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.mysql_proxy.v3.MySQLProxy, stat_prefix: mysql}}
                - applyTo: EXTENSION_CONFIG
                  patch:
                    operation: ADD
                    value: {name: my-lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: {inline_string: ""}}}
                """)
        let mesh = try Mesh.bookinfo.configured(yaml)
        let proxy = mesh.sidecar(at: ["10.244.0.3"])
        let all = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        let resources = Resources(all)
        #expect(resources.listener("virtualOutbound")?.perConnectionBufferLimitBytes.value == 8192)
        #expect(resources.listener("extra")?.address.socketAddress.portValue == 18080)
        let inbound = try #require(resources.listener("virtualInbound"))
        #expect(inbound.listenerFilters.first?.name == "envoy.filters.listener.proxy_protocol")
        #expect(!inbound.filterChains.contains { $0.name == "virtualInbound-blackhole" })
        let database = try #require(resources.listener("10.96.0.5_3306"))
        #expect(
            database.filterChains.first?.filters.map(\.name)
                == ["envoy.filters.network.mysql_proxy", "envoy.filters.network.tcp_proxy"])
        #expect(all[Envoy_Config_Core_V3_TypedExtensionConfig.typeURL]?.map(\.name) == ["my-lua"])
    }

    @Test func whoAndInWhichOrder() throws {
        func patch(_ header: String, context: String = "ANY", proxy: String = "") -> String {
            """
            - applyTo: ROUTE_CONFIGURATION
              match: {context: \(context), \(proxy) routeConfiguration: {name: "9080"}}
              patch: {operation: MERGE, value: {response_headers_to_remove: [\(header)]}}
            """
        }
        let yaml =
            Self.filter("own", namespace: "default", patches: patch("own"))
            + Self.filter("late", spec: "priority: 10", patches: patch("late"))
            + Self.filter("first", spec: "priority: -1", patches: patch("first"))
            + Self.filter("b", patches: patch("b")) + Self.filter("a", patches: patch("a"))
            + Self.filter("other", namespace: "other", patches: patch("other"))
            + Self.filter(
                "labelled", namespace: "default", spec: "workloadSelector: {labels: {app: reviews}}",
                patches: patch("labelled"))
            + Self.filter("gateways", patches: patch("gateways", context: "GATEWAY"))
            + Self.filter("old", patches: patch("old", proxy: #"proxy: {proxyVersion: "^1\\.2[0-9].*"},"#))
            + Self.filter("new", patches: patch("new", proxy: #"proxy: {proxyVersion: "^1\\.30.*"},"#))
            + Self.filter("known", patches: patch("known", proxy: "proxy: {metadata: {TEAM: blue}},"))
        let stranger = try #require(resources(yaml).routes("9080")).responseHeadersToRemove
        #expect(stranger == ["first", "a", "b", "late", "own"])
        let known = try #require(
            resources(yaml) {
                $0.labels = ["app": "reviews", "version": "v1"]
                $0.metadata = .object(["ISTIO_VERSION": "1.30.3", "TEAM": "blue"])
            }.routes("9080")
        ).responseHeadersToRemove
        #expect(known == ["first", "a", "b", "known", "new", "late", "labelled", "own"])
    }

    @Test func aPatchThatMakesNoSenseIsToldAndHarmsNoOther() throws {
        var objects = ClusterObjects()
        let yaml = Self.filter(
            patches: """
                - applyTo: CLUSTER
                  patch: {operation: MERGE, value: {no_such_field: 1}}
                - applyTo: CLUSTER
                  match: {listener: {name: x}}
                  patch: {operation: REMOVE}
                - applyTo: HTTP_FILTER
                  patch: {operation: REPLACE, value: {name: x}}
                - applyTo: CLUSTER
                  patch: {operation: MERGE, value: {connect_timeout: 3s}}
                """)
        for document in try JSONValue.documents(yaml: yaml) { _ = objects.add(UnstructuredObject(document)) }
        let translation = MeshTranslation(objects)
        #expect(
            translation.diagnostics.values.flatMap { $0.map(\.path) }
                == ["spec.configPatches[1].match.listener", "spec.configPatches[2].match"])
        let filter = try #require(translation.snapshot.configuration.envoyFilters.values.first)
        let told = EnvoyTranslator.diagnostics(of: filter)
        #expect(told.map(\.path) == ["spec.configPatches[0].patch.value"])
        var mesh = Mesh.bookinfo
        mesh.snapshot.configuration = translation.snapshot.configuration
        let resources = try mesh.resources(for: mesh.sidecar())
        #expect(resources.clusters.allSatisfy { $0.connectTimeout == .init(seconds: 3) })
    }

    @Test(.enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func aRealEnvoyTakesThem() throws {
        let yaml =
            Self.lua
            + Self.filter(
                "limits",
                patches: """
                    - applyTo: HTTP_FILTER
                      match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
                      patch:
                        operation: INSERT_FIRST
                        value:
                          name: envoy.filters.http.local_ratelimit
                          typed_config:
                            "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                            type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                            value: {stat_prefix: limiter, token_bucket: {max_tokens: 4, tokens_per_fill: 4, fill_interval: 60s}}
                    - applyTo: NETWORK_FILTER
                      match: {listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
                      patch:
                        operation: MERGE
                        value:
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                            request_timeout: 3s
                            access_log: [{name: envoy.access_loggers.stdout, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog}}]
                    """)
        let resources = try resources(yaml)
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }
}
