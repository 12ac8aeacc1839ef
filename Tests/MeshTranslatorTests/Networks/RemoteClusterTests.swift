import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

@Suite struct RemoteClusterTests {
    private func service(_ address: String, kind: String = "ClusterIP") -> String {
        """
        {apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop},
         spec: {clusterIP: \(address), selector: {app: s}, ports: [{name: http, port: 80}]}}
        ---
        """
    }

    private func pod(_ name: String, _ address: String, onHostNetwork: Bool = false) -> String {
        """

        {apiVersion: v1, kind: Pod, metadata: {name: \(name), namespace: shop, labels: {app: s, security.istio.io/tlsMode: istio}},
         spec: {serviceAccountName: \(name), hostNetwork: \(onHostNetwork)}, status: {phase: Running, podIP: \(address), conditions: [{type: Ready, status: "True"}]}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
         metadata: {name: \(name), namespace: shop, labels: {kubernetes.io/service-name: s}},
         addressType: IPv4, ports: [{name: http, port: 8080}],
         endpoints: [{addresses: [\(address)], conditions: {ready: true}, targetRef: {kind: Pod, name: \(name)}}]}
        ---
        """
    }

    private func network(_ name: String, gateway: String) -> String {
        """

        {apiVersion: v1, kind: Namespace, metadata: {name: istio-system, labels: {topology.istio.io/network: \(name)}}}
        ---
        {apiVersion: v1, kind: Service,
         metadata: {name: east-west, namespace: istio-system, labels: {topology.istio.io/network: \(name)}},
         spec: {clusterIP: 10.9.9.9, ports: [{name: tls, port: 15443}]},
         status: {loadBalancer: {ingress: [{ip: \(gateway)}, {hostname: lb.example.com}]}}}
        """
    }

    private let host = ServiceKey(hostname: "s.shop.svc.cluster.local", namespace: "shop")

    private func endpoints(_ mesh: MeshTranslation) -> [String] {
        (mesh.snapshot.endpoints[EndpointKey(service: host, portName: "http")] ?? .empty).endpoints
            .map { "\($0.clusterID) \($0.network) \($0.address)" }
    }

    private func twoClusters() throws -> ClusterObjects {
        var objects = try clusterObjects(service("10.1.0.1") + pod("p", "10.2.0.1") + network("n1", gateway: "1.1.1.1"))
        objects.remotes["other"] = try clusterObjects(
            service("10.8.0.1") + pod("q", "10.2.0.1") + network("n2", gateway: "2.2.2.2"))
        return objects
    }

    /// Gateways that have a name and no address, in any cluster, are entered by what the name stands for.
    @Test func gatewaysByNameAreLookedUp() throws {
        var mesh = MeshTranslation(try twoClusters())
        #expect(mesh.snapshot.topology.gatewayNames == ["lb.example.com"])
        #expect(mesh.snapshot.topology.gateways["n2"] == [.init(address: "2.2.2.2", port: 15443)])
        _ = mesh.apply([.hostAddresses("lb.example.com", ["3.3.3.3"])])
        #expect(
            mesh.snapshot.topology.gateways["n2"]
                == [.init(address: "2.2.2.2", port: 15443), .init(address: "3.3.3.3", port: 15443)])
        #expect(mesh.snapshot.topology.gateways["n1"]?.count == 2)
        var objects = try twoClusters()
        objects.hostAddresses = ["lb.example.com": ["3.3.3.3"]]
        #expect(mesh.snapshot == MeshTranslation(objects).snapshot)

        var settings = MeshSettings()
        settings.apply(environment: ["RESOLVE_HOSTNAME_GATEWAYS": "false"])
        let plain = MeshTranslation(objects, settings: settings).snapshot.topology
        #expect(plain.gatewayNames == [])
        #expect(plain.gateways["n2"] == [.init(address: "2.2.2.2", port: 15443)])
    }

    @Test func servicesOfAllClustersAreOne() throws {
        let mesh = MeshTranslation(try twoClusters())
        let service = try #require(mesh.snapshot.services[host])
        #expect(service.addresses == ["10.1.0.1"])
        #expect(service.clusterAddresses == ["Kubernetes": ["10.1.0.1"], "other": ["10.8.0.1"]])
        // Equal addresses on different networks are different endpoints.
        #expect(endpoints(mesh) == ["Kubernetes n1 10.2.0.1", "other n2 10.2.0.1"])
        let set = mesh.snapshot.endpoints[EndpointKey(service: host, portName: "http")]
        #expect(set?.identities.map(\.serviceAccount) == ["p", "q"])
        #expect(
            mesh.snapshot.topology
                == MeshTopology(
                    gateways: [
                        "n1": [.init(address: "1.1.1.1", port: 15443)], "n2": [.init(address: "2.2.2.2", port: 15443)],
                    ], remoteClusters: ["other"], gatewayNames: ["lb.example.com"]))
    }

    @Test func everyClusterHasItsOwnVirtualIPs() throws {
        let mesh = MeshTranslation(try twoClusters()).snapshot
        func addresses(_ cluster: String) -> [String] {
            var proxy = Proxy(kind: .sidecar, name: "a", namespace: "shop", addresses: ["10.2.0.9"])
            proxy.clusterID = cluster
            return mesh.services(visibleTo: mesh.view(of: proxy).outbound).first { $0.name == "s" }?.addresses ?? []
        }
        #expect(addresses("Kubernetes") == ["10.1.0.1"])
        #expect(addresses("other") == ["10.8.0.1"])
    }

    @Test func aClusterThatGoesAwayTakesItsOwnAlong() throws {
        var mesh = MeshTranslation(try twoClusters())
        let remote = try clusterObjects(service("10.8.0.1") + pod("q", "10.2.0.1") + network("n2", gateway: "2.2.2.2"))
        let difference = mesh.apply([.remote(clusterID: "other", nil)])
        #expect(difference.settings)
        #expect(endpoints(mesh) == ["Kubernetes n1 10.2.0.1"])
        #expect(mesh.snapshot.topology.isOfOneCluster)
        #expect(mesh.snapshot.services[host]?.clusterAddresses == [:])

        var alone = MeshTranslation()
        for (key, object) in remote.services { _ = alone.apply([.remote(clusterID: "other", .service(key, object))]) }
        // A service that only another cluster has is a service all the same.
        #expect(alone.snapshot.services[host]?.addresses == ["10.8.0.1"])
        for key in remote.services.keys { _ = alone.apply([.remote(clusterID: "other", .service(key, nil))]) }
        #expect(alone.snapshot == MeshTranslation().snapshot)
    }

    @Test func networksAreThoseThatPeopleName() throws {
        var objects = try twoClusters()
        objects.namespaces = [:]
        objects.remotes["other"]?.namespaces = [:]
        objects.meshNetworks = """
            networks:
              left: {endpoints: [{fromRegistry: Kubernetes}], gateways: [{address: 9.9.9.9, port: 443}]}
              right:
                endpoints: [{fromRegistry: other}, {fromCidr: 10.7.0.0/16}]
                gateways: [{registryServiceName: east-west.istio-system.svc.cluster.local, port: 15443}]
            """
        let mesh = MeshTranslation(objects)
        #expect(endpoints(mesh) == ["Kubernetes left 10.2.0.1", "other right 10.2.0.1"])
        #expect(mesh.snapshot.topology.gateways["left"] == [.init(address: "9.9.9.9", port: 443)])
        #expect(mesh.snapshot.topology.gateways["right"]?.contains(.init(address: "2.2.2.2", port: 15443)) == true)

        objects.meshNetworks = "networks: {left: {gateways: [{port: 1}, {address: 'x y', port: 2}], endpoints: [{}]}}"
        #expect(MeshTranslation(objects).diagnostics.values.flatMap(\.self).count == 3)
    }

    @Test(arguments: UInt64(1)...15)
    func incrementalEqualsFromScratch(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var mesh = MeshTranslation()
        var objects = ClusterObjects()
        for _ in 0..<60 {
            let change = try randomChange(&generator)
            let before = mesh.snapshot
            let difference = mesh.apply([change])
            objects.apply(change)
            #expect(mesh.snapshot == MeshTranslation(objects).snapshot)
            let seen = mesh.snapshot.difference(from: before)
            #expect(difference.services == seen.services && difference.endpoints == seen.endpoints)
            #expect(difference.workloads == seen.workloads && difference.settings == seen.settings)
        }
    }

    private let selectingEntry = """
        {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: all, namespace: shop},
         spec: {hosts: [all.example.com], resolution: STATIC, location: MESH_INTERNAL,
                workloadSelector: {labels: {app: s}}, ports: [{number: 80, name: http, protocol: HTTP}]}}
        """

    /// A Pod on its node's address is not found by it, and is a Pod all the same.
    @Test func entriesSelectPodsOfOtherClustersOnHostNetworks() throws {
        var mesh = MeshTranslation(try clusterObjects(selectingEntry))
        let entry = EndpointKey(
            service: ServiceKey(hostname: "all.example.com", namespace: "shop"), portName: "http")
        let pods = try clusterObjects(pod("q", "10.2.0.1", onHostNetwork: true)).pods
        let key = ObjectKey(namespace: "shop", name: "q")
        let coming = mesh.apply([.remote(clusterID: "x", .pod(key, pods[key]))])
        #expect(coming.endpoints.contains(entry))
        #expect(mesh.snapshot.endpoints[entry]?.endpoints.map(\.address) == ["10.2.0.1"])
        let going = mesh.apply([.remote(clusterID: "x", .pod(key, nil))])
        #expect(going.endpoints.contains(entry))
        #expect(mesh.snapshot.endpoints[entry] == nil)
    }

    private func randomChange(_ generator: inout SeededGenerator) throws -> ObjectChange {
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &generator)] }
        let remote = pick([nil, "x", "y"] as [String?])
        if remote != nil, Int.random(in: 0..<12, using: &generator) == 0 {
            return .remote(clusterID: pick(["x", "y"]), nil)
        }
        let source = try clusterObjects(
            service(pick(["10.1.0.1", "10.1.0.2", "None"]))
                + pod(pick(["p", "q"]), pick(["10.2.0.1", "10.2.0.2"]), onHostNetwork: pick([true, false]))
                + network(pick(["n1", "n2"]), gateway: pick(["1.1.1.1", "2.2.2.2"])) + "\n---\n" + selectingEntry)
        let isRemoval = Int.random(in: 0..<4, using: &generator) == 0
        var changes: [ObjectChange] = source.services.sorted { $0.key < $1.key }
            .map { .service($0.key, isRemoval ? nil : $0.value) }
        changes += source.pods.map { .pod($0.key, isRemoval ? nil : $0.value) }
        changes += source.endpointSlices.map { .endpointSlice($0.key, isRemoval ? nil : $0.value) }
        changes += source.namespaces.map { .namespace($0.key, isRemoval ? nil : $0.value) }
        if remote == nil {
            changes.append(.meshNetworks(pick([nil, "networks: {n3: {endpoints: [{fromRegistry: x}]}}"])))
            changes.append(try RandomEntries.change(in: "shop", isRemoval: isRemoval, &generator))
            changes += source.configuration.map { .configuration($0.key, isRemoval ? nil : $0.value) }
        }
        let change = pick(changes)
        return remote.map { .remote(clusterID: $0, change) } ?? change
    }
}
