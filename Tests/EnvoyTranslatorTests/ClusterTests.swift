import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Clusters")
struct ClusterTests {
    @Test("A sidecar of Bookinfo has one for each port, its own, and the three that all have")
    func names() throws {
        let mesh = Mesh.bookinfo
        #expect(
            try mesh.resources(for: mesh.sidecar()).clusters.map(\.name) == [
                "BlackHoleCluster",
                "InboundPassthroughCluster",
                "PassthroughCluster",
                "inbound|9080||",
                "outbound|3306||mysqldb.default.svc.cluster.local",
                "outbound|9080||details.default.svc.cluster.local",
                "outbound|9080||productpage.default.svc.cluster.local",
                "outbound|9080||ratings.stars.svc.cluster.local",
                "outbound|9080||reviews.default.svc.cluster.local",
            ])
    }

    @Test("A service behind a virtual IP: endpoints by EDS, mutual TLS to those that can")
    func endpointsCluster() throws {
        let mesh = Mesh.bookinfo
        let name = "outbound|9080||reviews.default.svc.cluster.local"
        let cluster = try #require(try mesh.resources(for: mesh.sidecar()).cluster(name))
        #expect(cluster.type == .eds)
        #expect(cluster.edsClusterConfig.serviceName == name)
        #expect(cluster.edsClusterConfig.edsConfig.ads == .init())
        #expect(cluster.edsClusterConfig.edsConfig.resourceApiVersion == .v3)
        #expect(cluster.altStatName == name + ";")
        #expect(cluster.connectTimeout.seconds == 10)
        #expect(cluster.lbPolicy == .leastRequest)
        #expect(cluster.commonLbConfig.localityWeightedLbConfig == .init())
        #expect(cluster.circuitBreakers.thresholds.map(\.maxRetries.value) == [.max])
        #expect(!cluster.hasOutlierDetection)
        #expect(cluster.typedExtensionProtocolOptions.isEmpty)
        let services = cluster.metadata.filterMetadata["istio"]?.fields["services"]?.listValue.values
        #expect(services?.first?.structValue.fields["host"]?.stringValue == "reviews.default.svc.cluster.local")

        #expect(cluster.transportSocketMatches.map(\.name) == ["tlsMode-istio", "tlsMode-disabled"])
        #expect(cluster.transportSocketMatches.map(\.match.fields) == [["tlsMode": "istio"], [:]])
        let tls = try #require(cluster.transportSocketMatches.first?.transportSocket.upstream)
        #expect(tls.sni == "outbound_.9080_._.reviews.default.svc.cluster.local")
        #expect(tls.commonTlsContext.alpnProtocols == ["istio-http/1.1", "istio", "http/1.1"])
        #expect(tls.commonTlsContext.tlsParams.tlsMaximumProtocolVersion == .tlsv13)
        #expect(tls.commonTlsContext.tlsParams.tlsMinimumProtocolVersion == .tlsv12)
        let secret = try #require(tls.commonTlsContext.tlsCertificateSdsSecretConfigs.first)
        #expect(secret.name == "default")
        #expect(secret.sdsConfig.apiConfigSource.grpcServices.map(\.envoyGrpc.clusterName) == ["sds-grpc"])
        let validation = tls.commonTlsContext.combinedValidationContext
        #expect(validation.validationContextSdsSecretConfig.name == "ROOTCA")
        #expect(
            validation.defaultValidationContext.matchTypedSubjectAltNames.map(\.matcher.exact)
                == ["spiffe://cluster.local/ns/default/sa/bookinfo-reviews"])
    }

    @Test(
        "What upstream connections speak follows the port",
        arguments: [
            ("outbound|50051||grpc.default.svc.cluster.local", ["istio-h2", "istio", "h2"], "http2"),
            ("outbound|443||grpc.default.svc.cluster.local", ["istio"], "default"),
            ("outbound|3306||mysqldb.default.svc.cluster.local", ["istio"], "default"),
            ("outbound|9000||sniffed.default.svc.cluster.local", ["istio-http/1.1", "istio"], "downstream"),
        ])
    func protocols(name: String, offered: [String], speaks: String) throws {
        let mesh = Mesh.menagerie
        let cluster = try #require(try mesh.resources(for: mesh.sidecar()).cluster(name))
        let tls = try #require(cluster.transportSocketMatches.first?.transportSocket.upstream)
        #expect(tls.commonTlsContext.alpnProtocols == offered)
        let key = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        let options = try cluster.typedExtensionProtocolOptions[key].map {
            try Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions(unpackingAny: $0)
        }
        switch speaks {
        case "http2": #expect(options?.explicitHTTPConfig.protocolConfig == .http2ProtocolOptions(.init()))
        case "downstream": #expect(options?.useDownstreamProtocolConfig.hasHTTP2ProtocolOptions == true)
        default: #expect(options == nil)
        }
    }

    @Test("A headless service is called where the client says; plaintext once any endpoint has no sidecar")
    func headless() throws {
        var mesh = Mesh.menagerie
        let name = "outbound|2181||zk.default.svc.cluster.local"
        let before = try #require(try mesh.resources(for: mesh.sidecar()).cluster(name))
        #expect(before.type == .originalDst)
        #expect(before.lbPolicy == .clusterProvided)
        #expect(before.transportSocketMatches.isEmpty)
        #expect(before.transportSocket.upstream?.sni == "outbound_.2181_._.zk.default.svc.cluster.local")
        #expect(try mesh.resources(for: mesh.sidecar()).endpoints(name) == nil)

        let key = EndpointKey(
            service: ServiceKey(hostname: "zk.default.svc.cluster.local", namespace: "default"),
            portName: "tcp-client")
        var endpoints = try #require(mesh.snapshot.endpoints[key]?.endpoints)
        endpoints[1].isMutualTLS = false
        mesh.snapshot.endpoints[key] = EndpointSet(endpoints)
        let after = try #require(try mesh.resources(for: mesh.sidecar()).cluster(name))
        #expect(!after.hasTransportSocket)
    }

    @Test("An ExternalName outside the mesh is looked up; one within is only a name of its service")
    func externalNames() throws {
        var mesh = Mesh.menagerie
        mesh.add(
            "alias", addresses: [], ports: [ServicePort(name: "http", number: 9080, meshProtocol: .http)],
            resolution: .externalName("reviews.default.svc.cluster.local"))
        let reviews = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        mesh.snapshot.services[reviews]?.aliases = [
            ServiceKey(hostname: "alias.default.svc.cluster.local", namespace: "default")
        ]
        let resources = try mesh.resources(for: mesh.sidecar())
        let outside = try #require(resources.cluster("outbound|8081||elsewhere.default.svc.cluster.local"))
        #expect(outside.type == .strictDns)
        #expect(outside.dnsLookupFamily == .v4Only)
        let address = outside.loadAssignment.endpoints.first?.lbEndpoints.first?.endpoint.address.socketAddress
        #expect(address?.address == "example.com")
        #expect(address?.portValue == 8081)
        #expect(outside.transportSocketMatches.isEmpty)

        #expect(resources.cluster("outbound|9080||alias.default.svc.cluster.local") == nil)
        let domains = resources.routes("9080")?.virtualHosts.first { $0.name.hasPrefix("reviews.") }?.domains
        #expect(domains?.contains("alias") == true)
    }

    @Test("The own workload is called at the address its client called, from the one that capture lets pass")
    func inbound() throws {
        let mesh = Mesh.menagerie
        let resources = try mesh.resources(for: mesh.sidecar())
        let own = try #require(resources.cluster("inbound|9080||"))
        #expect(own.type == .originalDst)
        #expect(own.upstreamBindConfig.sourceAddress.address == "127.0.0.6")
        #expect(own.upstreamBindConfig.extraSourceAddresses.isEmpty)

        let dual = try mesh.resources(for: mesh.sidecar(at: ["10.244.1.5", "fd00:10::5"]))
        let grpc = try #require(dual.cluster("inbound|50051||"))
        #expect(grpc.upstreamBindConfig.extraSourceAddresses.map(\.address.address) == ["::6"])
        let six = try mesh.resources(for: mesh.sidecar(at: ["fd00:10::5"]))
        #expect(six.cluster("InboundPassthroughCluster")?.upstreamBindConfig.sourceAddress.address == "::6")

        var local = mesh
        local.snapshot.settings.inboundPolicy = .localhost
        let localhost = try #require(try local.resources(for: local.sidecar()).cluster("inbound|9080||"))
        #expect(localhost.type == .static)
        #expect(!localhost.hasUpstreamBindConfig)
    }

    @Test("Without auto mutual TLS nothing is encrypted; other names of the trust domain count")
    func trust() throws {
        var mesh = Mesh.bookinfo
        let name = "outbound|9080||details.default.svc.cluster.local"
        mesh.snapshot.settings.trustDomainAliases = ["old.example"]
        let names = try mesh.resources(for: mesh.sidecar()).cluster(name)?.transportSocketMatches.first?
            .transportSocket.upstream?.commonTlsContext.combinedValidationContext.defaultValidationContext
        #expect(
            names?.matchTypedSubjectAltNames.map(\.matcher.exact) == [
                "spiffe://cluster.local/ns/default/sa/bookinfo-details",
                "spiffe://old.example/ns/default/sa/bookinfo-details",
            ])
        mesh.snapshot.settings.usesAutoMutualTLS = false
        #expect(try mesh.resources(for: mesh.sidecar()).cluster(name)?.transportSocketMatches.isEmpty == true)
    }
}
