import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct EndpointTests {
    private static let cluster = """
        apiVersion: v1
        kind: Service
        metadata: {name: zk, namespace: shop}
        spec:
          clusterIP: None
          selector: {app: zk}
          ports: [{name: tcp-client, port: 2181, targetPort: client}, {name: http, port: 80}]
        ---
        apiVersion: v1
        kind: Node
        metadata:
          name: n1
          labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z, topology.istio.io/subzone: s}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: zk-0
          namespace: shop
          labels: {app: zk, security.istio.io/tlsMode: istio, topology.istio.io/network: net1}
          ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: zk, uid: u, controller: true}]
        spec: {nodeName: n1, serviceAccountName: keeper, containers: [{ports: [{name: client, containerPort: 2182}]}]}
        status: {phase: Running, podIP: 10.1.0.5, conditions: [{type: Ready, status: "True"}]}
        ---

        """

    private func endpoints(_ yaml: String, port: String = "tcp-client", service: String = "zk") throws -> [Endpoint] {
        let snapshot = MeshTranslation(try clusterObjects(Self.cluster + yaml)).snapshot
        let key = ServiceKey(hostname: "\(service).shop.svc.cluster.local", namespace: "shop")
        return snapshot.endpoints[EndpointKey(service: key, portName: port)]?.endpoints ?? []
    }

    private func slice(
        _ endpoints: String, name: String = "zk-1", version: String = "v1", type: String = "IPv4"
    ) -> String {
        """
        apiVersion: discovery.k8s.io/\(version)
        kind: EndpointSlice
        metadata: {name: \(name), namespace: shop, labels: {kubernetes.io/service-name: zk}}
        addressType: \(type)
        ports: [{name: tcp-client, port: 2182}]
        endpoints: \(endpoints)
        ---

        """
    }

    private static let ofPod = "{kind: Pod, name: zk-0, namespace: shop}"

    @Test func anEndpointIsWhatItsPodIs() throws {
        var expected = Endpoint(
            address: "10.1.0.5", port: 2182,
            labels: ["app": "zk", "security.istio.io/tlsMode": "istio", "topology.istio.io/network": "net1"])
        expected.locality = Locality(region: "r", zone: "z", subzone: "s")
        expected.identity = WorkloadIdentity(namespace: "shop", serviceAccount: "keeper")
        expected.isMutualTLS = true
        expected.network = "net1"
        expected.clusterID = "Kubernetes"
        expected.workloadName = "zk"
        expected.podName = "zk-0"
        expected.hostname = "zk-0"
        expected.node = "n1"
        let text = slice(
            "[{addresses: [10.1.0.5], hostname: zk-0, targetRef: \(Self.ofPod), conditions: {ready: true}}]")
        #expect(try endpoints(text) == [expected])
        #expect(try endpoints(text, port: "http") == [])
    }

    @Test func anAddressAloneFindsItsPod() throws {
        let found = try endpoints(slice("[{addresses: [10.1.0.5]}]"))
        #expect(found.map(\.podName) == ["zk-0"])
    }

    @Test func withoutItsPodAnEndpointWaits() throws {
        let missing = "{kind: Pod, name: zk-9, namespace: shop}"
        #expect(try endpoints(slice("[{addresses: [10.1.0.9], targetRef: \(missing)}]")) == [])
    }

    @Test func anAddressOfNoPodServesWithoutIdentity() throws {
        let text = slice("[{addresses: [192.0.2.1], nodeName: n1}, {addresses: [192.0.2.2], zone: z9}]")
        let found = try endpoints(text)
        #expect(found.map(\.address) == ["192.0.2.1", "192.0.2.2"])
        #expect(found.map(\.identity) == [nil, nil])
        #expect(found.map(\.locality.description) == ["r/z/s", "/z9"])
    }

    @Test(arguments: [
        ("{}", Endpoint.Health.ready), ("{ready: true}", .ready), ("{ready: false}", .unready),
        ("{ready: false, serving: true, terminating: true}", .draining),
        ("{ready: false, serving: false, terminating: true}", .unready),
        ("{ready: false, terminating: true}", .unready),
    ])
    func conditionsBecomeHealth(conditions: String, expected: Endpoint.Health) throws {
        let found = try endpoints(slice("[{addresses: [10.1.0.5], conditions: \(conditions)}]"))
        #expect(found.map(\.health) == [expected])
    }

    @Test func notReadyAddressesServeWhereTheServiceSaysSo() throws {
        let yaml = """
            {apiVersion: v1, kind: Service, metadata: {name: zk, namespace: shop},
             spec: {publishNotReadyAddresses: true, ports: [{name: tcp-client, port: 2181}]}}
            ---

            """
        let found = try endpoints(yaml + slice("[{addresses: [10.1.0.5], conditions: {ready: false}}]"))
        #expect(found.map(\.health) == [.ready])
    }

    @Test func anAddressInTwoSlicesServesOnceAsWellAsItCan() throws {
        let text =
            slice("[{addresses: [10.1.0.5], conditions: {ready: false}}]", name: "zk-1")
            + slice("[{addresses: [10.1.0.5], conditions: {ready: true}}]", name: "zk-2")
        #expect(try endpoints(text).map(\.health) == [.ready])
    }

    @Test func bothFamiliesServe() throws {
        let text =
            slice("[{addresses: [10.1.0.5], targetRef: \(Self.ofPod)}]", name: "zk-4")
            + slice("[{addresses: ['fd00::5'], targetRef: \(Self.ofPod)}]", name: "zk-6", type: "IPv6")
        let found = try endpoints(text)
        #expect(found.map(\.address) == ["10.1.0.5", "fd00::5"])
        #expect(found.map(\.podName) == ["zk-0", "zk-0"])
    }

    @Test func olderSlicesTellNodeAndZoneElsewhere() throws {
        let topology = "{kubernetes.io/hostname: n1, topology.kubernetes.io/zone: z9}"
        let found = try endpoints(slice("[{addresses: [192.0.2.1], topology: \(topology)}]", version: "v1beta1"))
        #expect(found.map(\.node) == ["n1"])
        #expect(found.map(\.locality.zone) == ["z"])
    }

    @Test func endpointsObjectsCountWithoutSlices() throws {
        let object = """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: zk, namespace: shop}
            subsets:
            - addresses: [{ip: 10.1.0.5, targetRef: \(Self.ofPod)}]
              notReadyAddresses: [{ip: 192.0.2.1}]
              ports: [{name: tcp-client, port: 2182}]
            ---

            """
        let found = try endpoints(object)
        #expect(found.map(\.address) == ["192.0.2.1", "10.1.0.5"])
        #expect(found.map(\.health) == [.unready, .ready])
        #expect(try endpoints(object + slice("[{addresses: [192.0.2.9]}]")).map(\.address) == ["192.0.2.9"])
    }

    @Test func namesInsteadOfAddressesAreToldAndLeftOut() throws {
        let objects = try clusterObjects(Self.cluster + slice("[{addresses: [db.example.com]}]", type: "FQDN"))
        let translation = MeshTranslation(objects)
        #expect(translation.snapshot.endpoints == [:])
        #expect(translation.diagnostics.keys.map(\.description) == ["EndpointSlice shop/zk-1"])
    }

    @Test func identitiesAreThoseOfAllEndpoints() throws {
        let text = slice("[{addresses: [10.1.0.5]}, {addresses: [192.0.2.1]}]")
        let set = EndpointSet(try endpoints(text))
        #expect(set.identities == [WorkloadIdentity(namespace: "shop", serviceAccount: "keeper")])
    }
}
