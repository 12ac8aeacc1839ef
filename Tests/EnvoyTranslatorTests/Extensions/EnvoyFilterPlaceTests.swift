import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("EnvoyFilters: where patches go")
struct EnvoyFilterPlaceTests {
    private static let manager = "envoy.filters.network.http_connection_manager"

    private func resources(_ patches: String, at address: String = "10.244.0.3") throws -> Resources {
        let mesh = try Mesh.bookinfo.configured(EnvoyFilterTests.filter(patches: patches))
        return try mesh.resources(for: mesh.sidecar(at: [address]))
    }

    private func httpFilters(_ operation: String, name: String = "x", filter: String = "") throws -> [String] {
        let match = filter.isEmpty ? "" : ", listener: {filterChain: \(filter)}"
        let found = try resources(
            """
            - applyTo: HTTP_FILTER
              match: {context: SIDECAR_OUTBOUND\(match)}
              patch: {operation: \(operation), value: {name: \(name)}}
            """)
        return try #require(found.listener("0.0.0.0_9080")?.filterChains.first?.connectionManager).httpFilters
            .map(\.name)
    }

    @Test func withoutAPlaceInsertionsGoToTheEnds() throws {
        let before = try httpFilters("MERGE", filter: "{filter: {name: nobody}}")
        #expect(before.last == "envoy.filters.http.router" && !before.contains("x"))
        #expect(try httpFilters("INSERT_BEFORE") == ["x"] + before)
        #expect(try httpFilters("INSERT_FIRST") == ["x"] + before)
        // What ends the chain stays its end.
        #expect(try httpFilters("INSERT_AFTER") == before.dropLast() + ["x"] + before.suffix(1))
        #expect(try httpFilters("ADD") == before.dropLast() + ["x"] + before.suffix(1))
        let found = try resources(
            """
            - applyTo: HTTP_ROUTE
              match: {context: SIDECAR_OUTBOUND, routeConfiguration: {name: "9080"}}
              patch: {operation: INSERT_BEFORE, value: {name: before, match: {prefix: /}, direct_response: {status: 200}}}
            - applyTo: HTTP_ROUTE
              match: {context: SIDECAR_OUTBOUND, routeConfiguration: {name: "9080"}}
              patch: {operation: INSERT_AFTER, value: {name: after, match: {prefix: /}, direct_response: {status: 200}}}
            """)
        let names = Set(try #require(found.routes("9080")).virtualHosts.map { $0.routes.map(\.name) })
        #expect(names == [["before", "default", "after"], ["before", "allow_any", "after"]])
    }

    @Test func whatIsPlacedByAFilterNeedsIt() throws {
        func place(_ name: String) -> String { "{filter: {name: \(Self.manager), subFilter: {name: \(name)}}}" }
        let cors = place("envoy.filters.http.cors")
        let names = try httpFilters("INSERT_FIRST", filter: cors)
        #expect(names.first == "x")
        for operation in ["INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER"] {
            #expect(try !httpFilters(operation, filter: place("envoy.filters.http.gzip")).contains("x"))
        }
        let index = try #require(names.firstIndex(of: "envoy.filters.http.cors"))
        #expect(try httpFilters("INSERT_BEFORE", filter: cors).firstIndex(of: "x") == index - 1)
        #expect(try httpFilters("INSERT_AFTER", filter: cors).firstIndex(of: "x") == index)
    }

    @Test func filtersAreFoundByTheNamesThatTheyOnceHad() throws {
        let former = "{filter: {name: envoy.http_connection_manager, subFilter: {name: envoy.router}}}"
        let names = try httpFilters("INSERT_BEFORE", filter: former)
        #expect(names.suffix(2) == ["x", "envoy.filters.http.router"])
        #expect(try httpFilters("REMOVE", filter: former).contains("envoy.filters.http.router") == false)
        #expect(try !httpFilters("INSERT_BEFORE", filter: "{filter: {name: envoy.tcp_proxy}}").contains("x"))
        let inbound = try resources(
            """
            - applyTo: LISTENER_FILTER
              match: {context: SIDECAR_INBOUND, listener: {listenerFilter: envoy.listener.tls_inspector}}
              patch: {operation: REMOVE}
            - applyTo: NETWORK_FILTER
              match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.tcp_proxy}}}}
              patch: {operation: INSERT_BEFORE, value: {name: x}}
            """)
        let filters = try #require(inbound.listener("virtualInbound")).listenerFilters.map(\.name)
        #expect(filters.contains("envoy.filters.listener.http_inspector"))
        #expect(!filters.contains("envoy.filters.listener.tls_inspector"))
        #expect(
            inbound.listener("10.96.0.5_3306")?.filterChains.first?.filters.map(\.name)
                == ["x", "envoy.filters.network.tcp_proxy"])
    }

    @Test func thePortOfAListenerIsItsOwn() throws {
        let removed = try resources(
            """
            - applyTo: LISTENER
              match: {listener: {portNumber: 9080}}
              patch: {operation: REMOVE}
            """
        ).listeners.map(\.name)
        #expect(removed == ["10.96.0.5_3306", "virtualInbound", "virtualOutbound"])
        let merged = try resources(
            """
            - applyTo: LISTENER
              match: {listener: {portNumber: 15006}}
              patch: {operation: MERGE, value: {per_connection_buffer_limit_bytes: 77}}
            - applyTo: NETWORK_FILTER
              match: {listener: {portNumber: 9080}}
              patch: {operation: INSERT_FIRST, value: {name: x}}
            """)
        #expect(
            merged.listeners.filter { $0.perConnectionBufferLimitBytes.value == 77 }.map(\.name) == ["virtualInbound"])
        // Within the listeners of capture, ports are those of chains.
        for chain in try #require(merged.listener("virtualInbound")).filterChains {
            let isOfPort = chain.filterChainMatch.destinationPort.value == 9080
            #expect((chain.filters.first?.name == "x") == isOfPort)
        }
    }

    @Test func clustersOfTheOwnWorkloadAreFoundByTheirServices() throws {
        func timeout(_ service: String) throws -> Int64? {
            try resources(
                """
                - applyTo: CLUSTER
                  match: {context: SIDECAR_INBOUND, cluster: {service: \(service).default.svc.cluster.local}}
                  patch: {operation: MERGE, value: {connect_timeout: 77s}}
                """
            ).cluster("inbound|9080||")?.connectTimeout.seconds
        }
        #expect(try timeout("reviews") == 77)
        #expect(try timeout("details") == 10)
    }

    @Test func portsOfAGatewaysRoutesAreAsGatewaysWriteThem() throws {
        let service = """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: edge, namespace: default}
            spec: {clusterIP: 10.0.0.1, selector: {istio: ingressgateway}, ports: [{name: h, port: 80, targetPort: 8080}]}
            ---

            """
        let rules = "http: [{\(toYAML("s.default.svc.cluster.local", 1))}]"
        let objects =
            gatewayYAML("a", in: "default", serverYAML(80, "HTTP"))
            + routesYAML("r", hosts: "x.com", gateways: "a", rules) + service
        func status(_ match: String) throws -> UInt32? {
            let filter = EnvoyFilterTests.filter(
                patches: """
                    - applyTo: HTTP_ROUTE
                      match: {context: GATEWAY, routeConfiguration: {\(match)}}
                      patch: {operation: MERGE, value: {direct_response: {status: 418}}}
                    """)
            let mesh = try Mesh(objects: objects + filter)
            let resources = try mesh.resources(for: mesh.router(in: "default"))
            return try #require(resources.routes("http.8080")).virtualHosts.first?.routes.first?.directResponse.status
        }
        #expect(try status("portNumber: 80") == 418)
        #expect(try status("portNumber: 8080") == 418)
        #expect(try status("portNumber: 81") == 0)
        #expect(try status("name: http.8080, vhost: {name: \"x.com:80\"}") == 418)
    }

    @Test func aGatewayWithoutPortsCanBeGivenListeners() throws {
        let mesh = try Mesh.bookinfo.configured(
            EnvoyFilterTests.filter(
                patches: """
                    - applyTo: LISTENER
                      match: {context: GATEWAY}
                      patch: {operation: ADD, value: {name: extra, address: {socket_address: {address: 127.0.0.1, port_value: 18080}}}}
                    """))
        #expect(try mesh.resources(for: mesh.router()).listeners.map(\.name) == ["extra"])
    }

    @Test func whatIsSaidOfTLSIsForTheSocketOfThatName() throws {
        func patch(_ target: String, _ context: String, _ type: String, name: String = "envoy.transport_sockets.tls")
            -> String
        {
            """
            - applyTo: \(target)
              match: {context: \(context)}
              patch:
                operation: MERGE
                value:
                  transport_socket:
                    name: \(name)
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.\(type)
                      common_tls_context: {tls_params: {ecdh_curves: [P-384]}}
            """
        }
        let reviews = "outbound|9080||reviews.default.svc.cluster.local"
        let plain = try resources("- {applyTo: CLUSTER, match: {cluster: {name: none}}, patch: {operation: REMOVE}}")
        let found = try resources(
            patch("CLUSTER", "SIDECAR_OUTBOUND", "UpstreamTlsContext") + "\n"
                + patch("FILTER_CHAIN", "SIDECAR_INBOUND", "DownstreamTlsContext"))
        let cluster = try #require(found.cluster(reviews))
        let before = try #require(plain.cluster(reviews))
        #expect(!cluster.hasTransportSocket)
        #expect(cluster.transportSocketMatches.count == before.transportSocketMatches.count)
        let own = try #require(cluster.transportSocketMatches.first?.transportSocket.upstream)
        var expected = try #require(before.transportSocketMatches.first?.transportSocket.upstream)
        expected.commonTlsContext.tlsParams.ecdhCurves.append("P-384")
        #expect(own == expected)
        #expect(cluster.transportSocketMatches.last == before.transportSocketMatches.last)
        // Chains of plain text stay as they are.
        let chains = try #require(found.listener("virtualInbound")).filterChains
        #expect(
            chains.map(\.hasTransportSocket) == plain.listener("virtualInbound")?.filterChains.map(\.hasTransportSocket)
        )
        let secured = chains.compactMap(\.downstreamTLS)
        #expect(!secured.isEmpty)
        #expect(secured.allSatisfy { $0.commonTlsContext.tlsParams.ecdhCurves == ["P-384"] })
        #expect(secured.allSatisfy { !$0.commonTlsContext.tlsCertificateSdsSecretConfigs.isEmpty })
        // One that no endpoint uses is not put beside those that they choose among.
        let other = try resources(patch("CLUSTER", "SIDECAR_OUTBOUND", "UpstreamTlsContext", name: "other"))
        #expect(other.cluster(reviews) == before)
    }
}
