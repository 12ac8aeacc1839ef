import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What gateways are sent") struct RouterPlanTests {
    private func summary(_ yaml: String, for proxy: Proxy? = nil) throws -> [String] {
        let mesh = try Mesh(objects: yaml)
        return try mesh.resources(for: proxy ?? mesh.router()).summary
    }

    @Test("HTTP: routes by host, for the hosts that both sides name, of all Gateways of a port")
    func http() throws {
        let found = try summary(
            gatewayYAML("a", serverYAML(80, "HTTP", hosts: "'*.example.com'"))
                + gatewayYAML("b", serverYAML(80, "HTTP2", hosts: "shop/b.org, default/c.org"))
                + routesYAML(
                    "all", hosts: "'*'", gateways: "istio-system/b",
                    "http: [{match: [{uri: {prefix: /v}}], \(toYAML("s.default.svc.cluster.local", 9))}]")
                + routesYAML(
                    "one", hosts: "x.example.com, y.example.com, other.org", gateways: "istio-system/a",
                    "http: [{\(toYAML("s.default.svc.cluster.local", 8))}]"))
        #expect(
            found == [
                "0.0.0.0_80", "  http http.80", "http.80", "  c.org:80 c.org",
                "    /v* -> outbound|9||s.default.svc.cluster.local",
                "  x.example.com:80 x.example.com,y.example.com",
                "    /* -> outbound|8||s.default.svc.cluster.local",
            ])
    }

    @Test("Routes of several VirtualServices for one host are one after the other, what takes all last")
    func merging() throws {
        let found = try summary(
            gatewayYAML("a", serverYAML(80, "HTTP"))
                + routesYAML("a", hosts: "x.com", gateways: "istio-system/a", "http: [{\(toYAML("a.b.c", 1))}]")
                + routesYAML(
                    "b", hosts: "x.com", gateways: "istio-system/a",
                    "http: [{match: [{uri: {exact: /b}}], \(toYAML("b.b.c", 2))}]"))
        #expect(
            found == [
                "0.0.0.0_80", "  http http.80", "http.80", "  x.com:80 x.com", "    /b -> outbound|2||b.b.c",
                "    /* -> outbound|1||a.b.c",
            ])
    }

    @Test("Redirects hold for a host, also where there is nothing to route to; without routes all is 404")
    func redirect() throws {
        let redirect = "httpsRedirect: true"
        #expect(
            try summary(gatewayYAML("a", serverYAML(80, "HTTP", hosts: "x.com", tls: redirect))) == [
                "0.0.0.0_80", "  http http.80", "http.80", "  x.com:80 x.com https",
            ])
        #expect(
            try summary(gatewayYAML("a", serverYAML(80, "HTTP"))) == [
                "0.0.0.0_80", "  http http.80", "http.80", "  blackhole:80 *",
            ])
        // One redirects and the other does not: the host is redirected.
        let routes = routesYAML(
            "r", hosts: "x.com", gateways: "istio-system/a, istio-system/b", "http: [{\(toYAML("s.b.c", 1))}]")
        let found = try summary(
            gatewayYAML("a", serverYAML(80, "HTTP", hosts: "x.com", tls: redirect))
                + gatewayYAML("b", serverYAML(80, "HTTP", hosts: "x.com")) + routes)
        #expect(found.contains("  x.com:80 x.com https"))
    }

    @Test("HTTPS: a chain and routes for each server, by the names clients ask for")
    func https() throws {
        let found = try summary(
            gatewayYAML(
                "a", in: "shop",
                serverYAML(443, "HTTPS", hosts: "./a.com, ./b.com", tls: "mode: SIMPLE, credentialName: ab"),
                serverYAML(443, "HTTPS", hosts: "c.com", tls: "mode: MUTUAL, credentialName: c", name: "c"),
                serverYAML(443, "HTTPS", hosts: "d.com", tls: "mode: OPTIONAL_MUTUAL, credentialName: d", name: "d"),
                serverYAML(443, "HTTPS", hosts: "e.com", tls: "mode: ISTIO_MUTUAL", name: "e"),
                serverYAML(
                    443, "HTTPS", tls: "mode: MUTUAL, serverCertificate: /c, privateKey: /k, caCertificates: /r",
                    name: "f"))
                + routesYAML("r", in: "shop", hosts: "a.com", gateways: "a", "http: [{\(toYAML("s.b.c", 1))}]")
                + routesYAML("s", in: "other", hosts: "b.com", gateways: "shop/a", "http: [{\(toYAML("s.b.c", 2))}]"))
        #expect(
            found == [
                "0.0.0.0_443 (tls_inspector)",
                "  a.com,b.com tls(kubernetes://ab) http https.443.https-443.a.shop",
                "  c.com tls(kubernetes://c) client(kubernetes://c-cacert) http https.443.c.a.shop",
                "  d.com tls(kubernetes://d) client(kubernetes://d-cacert, optional) http https.443.d.a.shop",
                "  e.com tls(default) client(ROOTCA) http https.443.e.a.shop",
                "  tls(file-cert:/c~/k) client(file-root:/r) http https.443.f.a.shop",
                "https.443.c.a.shop", "  blackhole:443 *", "https.443.d.a.shop", "  blackhole:443 *",
                "https.443.e.a.shop", "  blackhole:443 *", "https.443.f.a.shop", "  a.com:443 a.com",
                "    /* -> outbound|1||s.b.c", "  b.com:443 b.com", "    /* -> outbound|2||s.b.c",
                "https.443.https-443.a.shop", "  a.com:443 a.com", "    /* -> outbound|1||s.b.c",
            ])
    }

    @Test("TCP and TLS: to what the rules for the port and the name say; a port nobody routes is not opened")
    func connections() throws {
        let found = try summary(
            gatewayYAML(
                "a", serverYAML(31400, "TCP"), serverYAML(31401, "TCP"),
                serverYAML(8443, "TLS", hosts: "p.com, q.com", tls: "mode: PASSTHROUGH"),
                serverYAML(8443, "TLS", hosts: "t.com", tls: "mode: SIMPLE, credentialName: t", name: "t"))
                + routesYAML(
                    "tcp", hosts: "'*'", gateways: "istio-system/a",
                    "tcp: [{match: [{port: 31400}], \(toYAML("db.b.c", 5))}]")
                + routesYAML(
                    "tls", hosts: "p.com, q.com", gateways: "istio-system/a",
                    "tls: [{match: [{sniHosts: [p.com]}, {port: 9, sniHosts: [q.com]}], \(toYAML("p.b.c", 6))}]")
                + routesYAML(
                    "tls-again", hosts: "p.com", gateways: "istio-system/a",
                    "tls: [{match: [{sniHosts: [p.com]}], \(toYAML("second.b.c", 6))}]")
                + routesYAML(
                    "term", hosts: "t.com", gateways: "istio-system/a",
                    "tcp: [{match: [{port: 8443}], \(toYAML("t.b.c", 7))}]"))
        #expect(
            found == [
                "0.0.0.0_31400", "  tcp outbound|5||db.b.c", "0.0.0.0_8443 (tls_inspector)",
                "  p.com tcp outbound|6||p.b.c", "  t.com tls(kubernetes://t) tcp outbound|7||t.b.c",
            ])
    }

    @Test("Rules by name do for TLS that ends at the gateway too, each for its names; rules for connections come first")
    func terminatedByName() throws {
        let gateway = gatewayYAML(
            "a", serverYAML(8443, "TLS", hosts: "'*.t.com'", tls: "mode: SIMPLE, credentialName: t", name: "t"))
        let names = routesYAML(
            "names", hosts: "'*.t.com'", gateways: "istio-system/a",
            """
            tls: [{match: [{sniHosts: [a.t.com]}], \(toYAML("a.b.c", 1))},
              {match: [{sniHosts: [b.t.com, a.t.com]}, {port: 1, sniHosts: [c.t.com]}], \(toYAML("b.b.c", 2))}]
            """)
        #expect(
            try summary(gateway + names) == [
                "0.0.0.0_8443 (tls_inspector)", "  a.t.com tls(kubernetes://t) tcp outbound|1||a.b.c",
                "  b.t.com tls(kubernetes://t) tcp outbound|2||b.b.c",
            ])
        let all = routesYAML(
            "z", hosts: "'*.t.com'", gateways: "istio-system/a", "tcp: [{\(toYAML("t.b.c", 3))}]")
        #expect(
            try summary(gateway + names + all) == [
                "0.0.0.0_8443 (tls_inspector)", "  *.t.com tls(kubernetes://t) tcp outbound|3||t.b.c",
            ])
    }

    @Test("AUTO_PASSTHROUGH: a chain, a cluster and endpoints for each port and subset of the mesh's services")
    func passthroughByName() throws {
        let yaml =
            gatewayYAML("east-west", serverYAML(15443, "TLS", hosts: "'*.local'", tls: "mode: AUTO_PASSTHROUGH"))
                + """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: reviews, namespace: default}
                spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 9080}]}
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews, namespace: default}
                spec: {host: reviews.default.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}
                """
        let mesh = try Mesh(objects: yaml)
        let resources = try mesh.resources(for: mesh.router())
        let alpn = "[istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2]"
        let names = [
            "outbound_.9080_._.reviews.default.svc.cluster.local",
            "outbound_.9080_.v1_.reviews.default.svc.cluster.local",
        ]
        #expect(
            resources.summary == ["0.0.0.0_15443 (tls_inspector)"] + names.map { "  \($0) \(alpn) tcp \($0)" })
        for name in names {
            #expect(resources.cluster(name)?.edsClusterConfig.serviceName == name)
            #expect(resources.cluster(name)?.hasTransportSocket == false)
            #expect(resources.endpoints(name) != nil)
        }
    }

    @Test("Only endpoints that end mutual TLS, of the gateway's own network, are reached by name")
    func namedEndpoints() throws {
        var mesh = try Mesh(
            objects: gatewayYAML("east-west", serverYAML(15443, "TLS", tls: "mode: AUTO_PASSTHROUGH")))
        mesh.add(
            "s", addresses: ["10.0.0.1"], ports: [ServicePort(name: "http", number: 80, meshProtocol: .http)],
            pods: ["10.1.1.1", "10.1.1.2", "10.1.1.3"])
        let key = EndpointKey(
            service: ServiceKey(hostname: "s.default.svc.cluster.local", namespace: "default"), portName: "http")
        var endpoints = try #require(mesh.snapshot.endpoints[key]?.endpoints)
        endpoints[0].isMutualTLS = false
        for (index, network) in ["here", "here", "there"].enumerated() { endpoints[index].network = network }
        mesh.snapshot.endpoints[key] = EndpointSet(endpoints)
        var proxy = mesh.router()
        proxy.network = "here"
        let found = try mesh.resources(for: proxy).endpoints("outbound_.80_._.s.default.svc.cluster.local")
        #expect(
            found?.endpoints.flatMap(\.lbEndpoints).map(\.endpoint.address.socketAddress.address) == ["10.1.1.2"])
    }

    @Test("Clusters of all services, headless ones with endpoints, and none that a sidecar's capture needs")
    func clusters() throws {
        let mesh = Mesh.menagerie
        let resources = try mesh.resources(for: mesh.router())
        #expect(resources.listeners.isEmpty && resources.routes.isEmpty)
        let sidecar = try mesh.resources(for: mesh.sidecar())
        let names = Set(sidecar.clusters.map(\.name).filter { $0.hasPrefix("outbound|") })
        #expect(Set(resources.clusters.map(\.name)) == names.union(["BlackHoleCluster"]))
        let headless = "outbound|2181||zk.default.svc.cluster.local"
        #expect(resources.cluster(headless)?.type == .eds)
        #expect(resources.endpoints(headless)?.endpoints.first?.lbEndpoints.count == 3)
        #expect(sidecar.cluster(headless)?.type == .originalDst)
    }

    @Test("Requests come from outside: who sent them is not what they say")
    func connectionManager() throws {
        let yaml = gatewayYAML("a", serverYAML(80, "HTTP"))
        let mesh = try Mesh(objects: yaml)
        let manager = try #require(
            try mesh.resources(for: mesh.router()).listener("0.0.0.0_80")?.filterChains.first?.connectionManager)
        #expect(manager.useRemoteAddress.value)
        #expect(manager.xffNumTrustedHops == 0)
        #expect(manager.forwardClientCertDetails == .sanitizeSet)
        #expect(manager.setCurrentClientCertDetails.cert)
        #expect(manager.serverName == "istio-envoy")
        #expect(manager.normalizePath.value)

        var proxy = mesh.router()
        proxy.metadata = [
            "PROXY_CONFIG": [
                "gatewayTopology": [
                    "numTrustedProxies": 2, "forwardClientCertDetails": "ALWAYS_FORWARD_ONLY", "proxyProtocol": [:],
                ]
            ]
        ]
        let listener = try #require(try mesh.resources(for: proxy).listener("0.0.0.0_80"))
        #expect(listener.listenerFilters.map(\.name) == ["envoy.filters.listener.proxy_protocol"])
        let topology = try #require(listener.filterChains.first?.connectionManager)
        #expect(topology.xffNumTrustedHops == 2)
        #expect(topology.forwardClientCertDetails == .alwaysForwardOnly)
        #expect(!topology.hasSetCurrentClientCertDetails)
    }

    @Test("A Pod without rights opens no port of the system")
    func unprivileged() throws {
        let mesh = try Mesh(objects: gatewayYAML("a", serverYAML(80, "HTTP"), serverYAML(8080, "HTTP", name: "b")))
        var proxy = mesh.router()
        proxy.metadata = ["UNPRIVILEGED_POD": "true"]
        #expect(try mesh.resources(for: proxy).listeners.map(\.name) == ["0.0.0.0_8080"])
    }

    @Test("Two chains that no connection could tell apart: the first stays, unless one looks at what there would be")
    func ambiguousChains() throws {
        let server = serverYAML(443, "HTTPS", hosts: "./*", tls: "mode: SIMPLE, credentialName: c")
        let mesh = try Mesh(objects: gatewayYAML("default", server) + gatewayYAML("default", in: "default", server))
        var settings = TranslationSettings()
        func chains() throws -> Int? {
            try mesh.resources(for: mesh.router(), settings: settings).listener("0.0.0.0_443")?.filterChains.count
        }
        #expect(try chains() == 1)
        settings.keepsAmbiguousChains = true
        #expect(try chains() == 2)
    }

    @Test("An Ingress is served")
    func ingress() throws {
        let found = try summary(
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: shop, namespace: store, annotations: {kubernetes.io/ingress.class: istio}}
            spec:
              tls: [{hosts: [shop.com], secretName: cert}]
              rules: [{host: shop.com, http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]
            """)
        let routes = ["    ~/a((/).*)? -> outbound|80||a.store.svc.cluster.local"]
        let name = "shop-istio-autogenerated-k8s-ingress-store.istio-system"
        #expect(
            found == [
                "0.0.0.0_443 (tls_inspector)",
                "  shop.com tls(kubernetes://cert) http https.443.https-443-ingress-shop-store-0.\(name)",
                "0.0.0.0_80", "  http http.80", "http.80", "  shop.com:80 shop.com",
            ] + routes + ["https.443.https-443-ingress-shop-store-0.\(name)", "  shop.com:443 shop.com"] + routes)
    }

    @Test("The order in which Gateways are told does not show, and inputs name their resources")
    func determinism() throws {
        let documents = [
            gatewayYAML("b", serverYAML(80, "HTTP")), gatewayYAML("a", serverYAML(80, "TCP")),
            gatewayYAML("c", serverYAML(443, "HTTPS", tls: "mode: SIMPLE, credentialName: c")),
            routesYAML(
                "r", hosts: "'*'", gateways: "istio-system/a, istio-system/b, istio-system/c",
                "http: [{\(toYAML("s.b.c", 1))}], tcp: [{\(toYAML("s.b.c", 2))}]"),
        ]
        let forwards = try summary(documents.joined())
        #expect(try summary(documents.reversed().joined()) == forwards)
        let mesh = try Mesh(objects: documents.joined())
        let proxy = mesh.router()
        let plan = resourcePlan(
            for: mesh.snapshot.view(of: proxy), preference: EndpointPreference(proxy), in: mesh.snapshot)
        for input in plan.all { #expect(type(of: try input.message()).typeURL == input.typeURL) }
        #expect(Set(plan.all.map { "\($0.typeURL) \($0.name)" }).count == plan.all.count)
        #expect(plan.listeners.map(\.name) == ["0.0.0.0_443", "0.0.0.0_80"])
    }
}
