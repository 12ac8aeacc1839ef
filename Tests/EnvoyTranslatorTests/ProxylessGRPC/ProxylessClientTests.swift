import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What gRPC clients without proxies are told")
struct ProxylessClientTests {
    private typealias Manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager

    private static let echo = """
        apiVersion: v1
        kind: Service
        metadata: {name: echo, namespace: default}
        spec: {clusterIP: 10.96.0.7, ports: [{name: grpc, port: 7070}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: echo-1, namespace: default, labels: {kubernetes.io/service-name: echo}}
        addressType: IPv4
        ports: [{name: grpc, port: 7070}]
        endpoints: [{addresses: [10.1.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: echo-1, namespace: default}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: echo-1, namespace: default, labels: {app: echo, security.istio.io/tlsMode: istio}}
        spec: {serviceAccountName: echo, containers: []}
        status: {phase: Running, podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}]}
        """
    private let cluster = "outbound|7070||echo.default.svc.cluster.local"

    /// What a client of namespace `default` is sent in the mesh of `echo` and some more objects.
    private func resources(_ objects: String...) throws -> Resources {
        let mesh = try Mesh(yaml: ([Self.echo] + objects).joined(separator: "\n---\n"))
        return try mesh.resources(for: mesh.application())
    }

    private func configuration(_ kind: String, _ spec: String) -> String {
        let group = kind == "PeerAuthentication" ? "security" : "networking"
        return """
            {apiVersion: \(group).istio.io/v1, kind: \(kind), metadata: {name: echo, namespace: default}, spec: \(spec)}
            """
    }

    @Test("There is a listener for each name of a service, and none that listens")
    func listeners() throws {
        let mesh = Mesh.menagerie
        let resources = try mesh.resources(for: mesh.application(at: "10.9.9.9"))
        let names = resources.listeners.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(
            names.filter { $0.hasSuffix(":50051") } == [
                "grpc.default.svc.cluster.local.:50051", "grpc.default.svc.cluster.local:50051",
                "grpc.default.svc:50051", "grpc.default:50051", "grpc:50051",
            ])
        #expect(names.contains("ratings.stars:9080") && !names.contains("ratings:9080"))
        for listener in resources.listeners {
            let manager = try Manager(unpackingAny: listener.apiListener.apiListener)
            #expect(manager.httpFilters.map(\.name) == ["envoy.filters.http.fault", "envoy.filters.http.router"])
            #expect(manager.rds.hasConfigSource)
            #expect(resources.routes(manager.rds.routeConfigName) != nil)
            #expect(!listener.hasAddress && listener.filterChains.isEmpty)
        }
    }

    @Test("All services are called at their endpoints, also those that proxies call by address")
    func endpoints() throws {
        let resources = try Mesh.menagerie.resources(for: Mesh.menagerie.application(at: "10.9.9.9"))
        let headless = "outbound|8080||zk.default.svc.cluster.local"
        #expect(resources.cluster(headless)?.type == .eds)
        #expect(resources.endpoints(headless)?.endpoints.flatMap(\.lbEndpoints).count == 3)
        #expect(resources.cluster("outbound|8081||elsewhere.default.svc.cluster.local")?.type == .logicalDns)
        #expect(resources.clusters.allSatisfy { $0.type == .eds || $0.type == .logicalDns })
        for cluster in resources.clusters where cluster.type == .eds {
            #expect(resources.endpoints(cluster.name) != nil)
        }
        for place in resources.endpoints.flatMap(\.endpoints) { #expect(place.loadBalancingWeight.value > 0) }
    }

    @Test("An endpoint without an IP address is left out, and one name is looked up of several")
    func addresses() throws {
        let resources = try resources(
            Mesh.entry(
                "sockets",
                "{hosts: [a.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
                    + "endpoints: [{address: 10.7.0.1}, {address: 'unix:///run/a'}]}"),
            Mesh.entry(
                "names",
                "{hosts: [b.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, "
                    + "endpoints: [{address: b1.example}, {address: b2.example}]}"),
            Mesh.entry(
                "pattern",
                "{hosts: ['*.c.example'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS}"))
        let sockets = resources.endpoints("outbound|80||a.example")
        #expect(sockets?.endpoints.flatMap(\.lbEndpoints).map(\.endpoint.address.socketAddress.address) == ["10.7.0.1"])
        let names = resources.cluster("outbound|80||b.example")
        #expect(names?.loadAssignment.endpoints.flatMap(\.lbEndpoints).count == 1)
        #expect(resources.cluster("outbound|80||*.c.example") == nil)
        #expect(!resources.listeners.contains { $0.name.contains("*") })
    }

    @Test(
        "Mutual TLS is used where a rule says so, and by itself where servers take nothing else",
        arguments: [
            ("{}", nil, false), ("{mtls: {mode: PERMISSIVE}}", nil, false), ("{mtls: {mode: STRICT}}", nil, true),
            ("{mtls: {mode: STRICT}}", "DISABLE", false), ("{}", "ISTIO_MUTUAL", true), ("{}", "SIMPLE", false),
        ] as [(String, String?, Bool)])
    func security(_ authentication: String, _ mode: String?, _ isExpected: Bool) throws {
        let rule = mode.map { configuration("DestinationRule", "{host: echo, trafficPolicy: {tls: {mode: \($0)}}}") }
        let resources = try resources(configuration("PeerAuthentication", authentication), rule ?? "")
        let found = try #require(resources.cluster(cluster))
        #expect(found.hasTransportSocket == isExpected)
        #expect(found.transportSocketMatches.isEmpty)
        guard isExpected else { return }
        let context = try #require(found.transportSocket.upstream?.commonTlsContext)
        #expect(context.tlsCertificateProviderInstance.instanceName == "default")
        #expect(context.validationContext.caCertificateProviderInstance.instanceName == "default")
        #expect(
            context.validationContext.matchSubjectAltNames.map(\.exact) == [
                "spiffe://cluster.local/ns/default/sa/echo"
            ])
        // A library refuses what else proxies are told.
        #expect(!context.hasTlsParams && context.validationContext.matchTypedSubjectAltNames.isEmpty)
    }

    @Test("Libraries balance in turn, unless they know what a rule asks for")
    func balancing() throws {
        func cluster(_ balancer: String) throws -> Envoy_Config_Cluster_V3_Cluster? {
            try resources(configuration("DestinationRule", "{host: echo, trafficPolicy: {loadBalancer: \(balancer)}}"))
                .cluster(self.cluster)
        }
        #expect(try resources().cluster(self.cluster)?.lbPolicy == .roundRobin)
        #expect(try cluster("{simple: RANDOM}")?.lbPolicy == .roundRobin)
        let hash = try cluster("{consistentHash: {httpHeaderName: user, ringHash: {minimumRingSize: 64}}}")
        #expect(hash?.lbPolicy == .ringHash && hash?.ringHashLbConfig.minimumRingSize.value == 64)
        let least = try #require(try cluster("{simple: LEAST_REQUEST}"))
        #expect(least.lbPolicy == .roundRobin)
        let places = try #require(least.loadBalancingPolicy.policies.first).typedExtensionConfig.typedConfig
        let wrapped = try Envoy_Extensions_LoadBalancingPolicies_WrrLocality_V3_WrrLocality(unpackingAny: places)
        #expect(
            wrapped.endpointPickingPolicy.policies.map { $0.typedExtensionConfig.typedConfig.typeURL } == [
                Envoy_Extensions_LoadBalancingPolicies_LeastRequest_V3_LeastRequest.typeURL,
                Envoy_Extensions_LoadBalancingPolicies_RoundRobin_V3_RoundRobin.typeURL,
            ])
    }

    @Test("Routes say what calls can meet, in words that libraries know")
    func routes() throws {
        let spec = """
            {hosts: [echo], http: [
              {name: get, match: [{method: {exact: GET}}], route: [{destination: {host: echo}}]},
              {name: query, match: [{queryParams: {a: {exact: b}}}], route: [{destination: {host: echo}}]},
              {name: post, match: [{method: {regex: 'PUT|POST'}, uri: {prefix: /a.A/}}], timeout: 3s,
               retries: {attempts: 2, retryOn: '5xx,unavailable,reset'}, rewrite: {uri: /b}, route: [{destination: {host: echo}}]},
              {name: without, match: [{withoutHeaders: {a: {exact: b}, c: {}}}], retries: {attempts: 2, retryOn: 5xx},
               route: [{destination: {host: echo}, weight: 9}, {destination: {host: echo, subset: v2}, weight: 1}]},
              {name: rest, fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 50}}}, mirror: {host: echo},
               headers: {request: {set: {x: y}}}, corsPolicy: {allowOrigins: [{exact: '*'}]}, route: [{destination: {host: echo}}]}]}
            """
        let found = try resources(configuration("VirtualService", spec)).routes(cluster)
        #expect(found?.virtualHosts.map(\.domains) == [["*"]])
        let routes = try #require(found?.virtualHosts.first?.routes)
        #expect(routes.map(\.name) == ["post", "without", "without", "rest"])
        let post = try #require(routes.first)
        #expect(post.match.prefix == "/a.A/" && post.match.headers.isEmpty)
        #expect(post.route.maxStreamDuration.maxStreamDuration.seconds == 3 && !post.route.hasTimeout)
        #expect(post.route.retryPolicy.retryOn == "unavailable" && post.route.retryPolicy.numRetries.value == 2)
        #expect(post.route.prefixRewrite.isEmpty)
        #expect(
            routes[1...2].map { $0.match.headers.map { "\($0.name) \($0.stringMatch.exact) \($0.presentMatch)" } } == [
                ["a b false", "c  true"], ["a  true", "c  true"],
            ])
        #expect(routes[1].match.headers.allSatisfy { $0.invertMatch })
        #expect(routes[1].route.weightedClusters.clusters.map(\.weight.value) == [9, 1])
        #expect(!routes[1].route.hasRetryPolicy)
        #expect(Array(routes[3].typedPerFilterConfig.keys) == ["envoy.filters.http.fault"])
        #expect(routes[3].requestHeadersToAdd.isEmpty && routes[3].route.requestMirrorPolicies.isEmpty)
    }
}

extension Mesh {
    /// A gRPC application without a proxy.
    func application(at address: String = "10.1.0.9", labels: [String: String] = [:]) -> Proxy {
        var proxy = Proxy(
            kind: .sidecar, name: "client", namespace: "default", addresses: [address], labels: labels)
        proxy.metadata = ["GENERATOR": "grpc"]
        return proxy
    }
}
