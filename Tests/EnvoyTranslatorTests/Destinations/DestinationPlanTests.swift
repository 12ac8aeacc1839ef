import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Plans under DestinationRules")
struct DestinationPlanTests {
    private func mesh(_ rules: [String], edit: (inout Mesh) -> Void = { _ in }) throws -> Mesh {
        var objects = ClusterObjects()
        for (index, spec) in rules.enumerated() {
            let yaml =
                "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r\(index), namespace: default}, "
                + "spec: \(spec)}"
            for document in try JSONValue.documents(yaml: yaml) {
                let said = objects.add(UnstructuredObject(document))
                #expect(said == [])
            }
        }
        let translation = MeshTranslation(objects)
        #expect(translation.diagnostics == [:])
        var mesh = Mesh.menagerie
        mesh.snapshot.configuration = translation.snapshot.configuration
        edit(&mesh)
        return mesh
    }

    private func plan(_ mesh: Mesh, locality: String = "", labels: [String: String] = [:]) -> Set<ResourceInput> {
        var proxy = Proxy(
            kind: .sidecar, name: "productpage-v1-0", namespace: "default", addresses: ["10.244.0.1"], labels: labels)
        proxy.locality = Locality(parsing: locality)
        return Set(
            resourcePlan(
                for: mesh.snapshot.view(of: proxy), preference: EndpointPreference(proxy, in: mesh.snapshot),
                in: mesh.snapshot
            ).all)
    }

    @Test("An endpoint that comes changes the endpoints of its service and of its subsets alone")
    func endpointsStandAlone() throws {
        var mesh = try mesh([
            "{host: reviews, subsets: [{name: v1, labels: {version: v1}}], trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}"
        ])
        let before = plan(mesh, locality: "eu/a")
        let key = EndpointKey(
            service: ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default"), portName: "http")
        var endpoints = try #require(mesh.snapshot.endpoints[key]?.endpoints)
        var another = endpoints[0]
        another.address = "10.244.0.99"
        endpoints.append(another)
        mesh.snapshot.endpoints[key] = EndpointSet(endpoints)
        #expect(
            plan(mesh, locality: "eu/a").subtracting(before).map(\.name).sorted() == [
                "outbound|9080|v1|reviews.default.svc.cluster.local",
                "outbound|9080||reviews.default.svc.cluster.local",
            ])
    }

    @Test("Callers in different places share all but what a rule makes depend on it")
    func sharing() throws {
        let without = try mesh(["{host: reviews, trafficPolicy: {loadBalancer: {simple: RANDOM}}}"])
        #expect(plan(without, locality: "eu/a") == plan(without, locality: "us/b"))
        let with = try mesh(["{host: reviews, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}"])
        let differing = plan(with, locality: "eu/a").symmetricDifference(plan(with, locality: "us/b"))
        #expect(
            Set(differing.map(\.name)) == ["outbound|9080||reviews.default.svc.cluster.local"])
        #expect(differing.allSatisfy { if case .loadAssignment = $0 { true } else { false } })
    }

    @Test("A rule for some clients reaches those alone, with its endpoints")
    func selectedClients() throws {
        let mesh = try mesh([
            "{host: details, workloadSelector: {matchLabels: {app: productpage}}, subsets: [{name: v1, labels: {version: v1}}]}"
        ])
        let name = "outbound|9080|v1|details.default.svc.cluster.local"
        #expect(plan(mesh, labels: ["app": "productpage"]).count { $0.name == name } == 2)
        #expect(plan(mesh, labels: ["app": "other"]).count { $0.name == name } == 0)
        #expect(plan(mesh, labels: ["x": "y"]) == plan(mesh, labels: ["x": "z"]))
    }

    @Test("Connections without HTTP: a tunnel, time limits, and one endpoint for one client")
    func connections() throws {
        let mesh = try mesh([
            """
            {host: mysqldb, trafficPolicy: {tunnel: {protocol: POST, targetHost: db.example, targetPort: 3306},
             connectionPool: {tcp: {idleTimeout: 5s, maxConnectionDuration: 60s}},
             loadBalancer: {consistentHash: {useSourceIp: true}}}}
            """
        ])
        let listener = try #require(try mesh.resources(for: mesh.sidecar()).listener("10.96.0.5_3306"))
        let packed = try #require(listener.filterChains.first?.filters.last?.typedConfig)
        let proxy = try Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy(unpackingAny: packed)
        #expect(proxy.tunnelingConfig.hostname == "db.example:3306")
        #expect(proxy.tunnelingConfig.usePost)
        #expect(proxy.idleTimeout.seconds == 5)
        #expect(proxy.maxDownstreamConnectionDuration.seconds == 60)
        #expect(proxy.hashPolicy == [.with { $0.sourceIp = .init() }])
    }

    @Test("The server's side takes as much as clients are told, and clusters are named as the mesh says")
    func inbound() throws {
        let mesh = try mesh(
            [
                "{host: productpage, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}, http: {http2MaxRequests: 8}}}}"
            ]
        ) {
            $0.snapshot.settings.outboundClusterStatName = "%SERVICE%_%SERVICE_PORT_NAME%_%SERVICE_PORT%_%SUBSET_NAME%"
            $0.snapshot.settings.inboundClusterStatName = "%SERVICE_FQDN%|%TARGET_PORT%|%UNKNOWN%"
        }
        let resources = try mesh.resources(for: mesh.sidecar())
        let inbound = try #require(resources.cluster("inbound|9080||"))
        #expect(inbound.circuitBreakers.thresholds.map(\.maxConnections.value) == [7])
        #expect(inbound.circuitBreakers.thresholds.map(\.maxRequests.value) == [8])
        #expect(inbound.altStatName == "productpage.default.svc.cluster.local|9080|%UNKNOWN%;")
        let outbound = try #require(resources.cluster("outbound|9080||ratings.stars.svc.cluster.local"))
        #expect(outbound.altStatName == "ratings.stars_http_9080_;")
    }

    @Test("Mutual TLS to an address that the client chose: only if all endpoints can")
    func passthrough() throws {
        let spec = "{host: reviews, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}"
        let name = "outbound|9080||reviews.default.svc.cluster.local"
        let all = try mesh([spec])
        #expect(try all.resources(for: all.sidecar()).cluster(name)?.hasTransportSocket == true)
        #expect(try all.resources(for: all.sidecar()).endpoints(name) == nil)
        let some = try mesh([spec]) { mesh in
            let service = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
            let key = EndpointKey(service: service, portName: "http")
            var endpoints = mesh.snapshot.endpoints[key]?.endpoints ?? []
            endpoints[0].isMutualTLS = false
            mesh.snapshot.endpoints[key] = EndpointSet(endpoints)
        }
        #expect(try some.resources(for: some.sidecar()).cluster(name)?.hasTransportSocket == false)
    }

    @Test("A host outside of the mesh is looked up; its places and names count")
    func dns() throws {
        let mesh = try mesh([
            "{host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE}}, subsets: [{name: a, labels: {side: a}}]}"
        ]) { mesh in
            var service = MeshService(
                name: "api.example.com", namespace: "default", hostname: "api.example.com", resolution: .dns,
                ports: [ServicePort(name: "https", number: 443, meshProtocol: .http)],
                origin: ObjectReference(
                    GroupKind(group: "networking.istio.io", kind: "ServiceEntry"),
                    ObjectKey(namespace: "default", name: "api")))
            service.isExternal = true
            service.subjectAltNames = ["real.example.com"]
            mesh.snapshot.services[service.key] = service
            mesh.snapshot.endpoints[EndpointKey(service: service.key, portName: "https")] = EndpointSet([
                Endpoint(address: "a.example.com", port: 443, labels: ["side": "a"]),
                Endpoint(address: "b.example.com", port: 443, labels: ["side": "b"]),
            ])
        }
        let resources = try mesh.resources(for: mesh.sidecar())
        let whole = try #require(resources.cluster("outbound|443||api.example.com"))
        #expect(whole.type == .strictDns)
        #expect(whole.loadAssignment.summary == ["- priority 0 weight 2: a.example.com:443, b.example.com:443"])
        let part = try #require(resources.cluster("outbound|443|a|api.example.com"))
        #expect(part.loadAssignment.clusterName == part.name)
        #expect(part.loadAssignment.summary == ["- priority 0 weight 1: a.example.com:443"])
        let tls = try #require(whole.transportSocket.upstream)
        let names = tls.commonTlsContext.combinedValidationContext.defaultValidationContext.matchTypedSubjectAltNames
        #expect(names.map(\.matcher.exact) == ["real.example.com"])
        #expect(whole.metadata.filterMetadata["istio"]?.fields["external"] == true)
    }
}
