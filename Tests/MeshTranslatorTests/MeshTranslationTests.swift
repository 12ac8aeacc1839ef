import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct MeshTranslationTests {
    private func key(_ name: String, _ namespace: String = "shop") -> ServiceKey {
        ServiceKey(hostname: "\(name).\(namespace).svc.cluster.local", namespace: namespace)
    }

    private func service(_ name: String, _ spec: String, namespace: String = "shop") -> String {
        "{apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)}, spec: \(spec)}\n---\n"
    }

    @Test func otherNamesAreAliases() throws {
        let snapshot = MeshTranslation(
            try clusterObjects(
                service("db", "{clusterIP: 10.0.0.1, ports: [{port: 80}]}")
                    + service("store", "{type: ExternalName, externalName: db.shop.svc.cluster.local}")
                    + service("far", "{type: ExternalName, externalName: store.shop.svc.cluster.local}", namespace: "b")
                    + service("outside", "{type: ExternalName, externalName: example.com}")
                    + service("loop", "{type: ExternalName, externalName: pool.shop.svc.cluster.local}")
                    + service("pool", "{type: ExternalName, externalName: loop.shop.svc.cluster.local}"))
        ).snapshot
        #expect(snapshot.services[key("db")]?.aliases == [key("far", "b"), key("store")])
        #expect(snapshot.services.values.filter { !$0.aliases.isEmpty }.count == 1)
        #expect(snapshot.services[key("outside")]?.resolution == .externalName("example.com"))
    }

    @Test func aliasesGoWithTheirServices() throws {
        var translation = MeshTranslation(
            try clusterObjects(
                service("db", "{clusterIP: 10.0.0.1}")
                    + service("store", "{type: ExternalName, externalName: db.shop.svc.cluster.local}")))
        let difference = translation.apply([.service(ObjectKey(namespace: "shop", name: "store"), nil)])
        #expect(difference == MeshDifference(services: [key("db"), key("store")]))
        #expect(translation.snapshot.services[key("db")]?.aliases == [])
    }

    @Test func aBadObjectStopsNoOther() throws {
        let translation = MeshTranslation(
            try clusterObjects(service("good", "{clusterIP: 10.0.0.1}") + service("bad", "{type: ExternalName}")))
        #expect(Array(translation.snapshot.services.keys) == [key("good")])
        #expect(translation.diagnostics.keys.map(\.description) == ["Service shop/bad"])
    }

    @Test func aRepairedObjectHasNoDiagnostics() throws {
        var translation = MeshTranslation(try clusterObjects(service("a", "{type: ExternalName}")))
        let repaired = try serviceObject(service("a", "{type: ExternalName, externalName: example.com}"))
        let difference = translation.apply([.service(repaired.metadata.key, repaired)])
        #expect(difference == MeshDifference(services: [key("a")]))
        #expect(translation.diagnostics == [:])
    }

    @Test func onlySelectedNamespacesAreSeen() throws {
        let yaml =
            service("a", "{}", namespace: "in") + service("b", "{}", namespace: "out")
            + service("c", "{}", namespace: "istio-system") + """
                {apiVersion: v1, kind: Namespace, metadata: {name: in, labels: {mesh: "on"}}}
                ---
                {apiVersion: v1, kind: Namespace, metadata: {name: out}}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data: {mesh: "discoverySelectors: [{matchLabels: {mesh: 'on'}}]"}
                """
        var translation = MeshTranslation(try clusterObjects(yaml))
        #expect(Set(translation.snapshot.services.keys) == [key("a", "in"), key("c", "istio-system")])

        let joined = NamespaceObject(metadata: ObjectMeta(name: "out", labels: ["mesh": "on"]))
        #expect(
            translation.apply([.namespace("out", joined)]) == MeshDifference(services: [key("b", "out")]))
    }

    @Test func theRootNamespaceNamesTheNetwork() throws {
        let labelled = ObjectMeta(name: "istio-system", labels: ["topology.istio.io/network": "net1"])
        var translation = MeshTranslation()
        #expect(
            translation.apply([.namespace("istio-system", NamespaceObject(metadata: labelled))])
                == MeshDifference(settings: true))
        #expect(translation.snapshot.settings.network == "net1")
    }

    @Test func anEditCostsWhatItTouches() throws {
        var objects = ClusterObjects()
        for number in 0..<200 {
            let yaml =
                service("s\(number)", "{clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}") + """
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata: {name: s\(number)-1, namespace: shop, labels: {kubernetes.io/service-name: s\(number)}}
                    addressType: IPv4
                    ports: [{name: http, port: 8080}]
                    endpoints: [{addresses: [10.1.0.\(number)]}]
                    """
            let one = try clusterObjects(yaml)
            objects.services.merge(one.services) { $1 }
            objects.endpointSlices.merge(one.endpointSlices) { $1 }
        }
        var translation = MeshTranslation(objects)
        let before = translation.work
        #expect(before.services == 200)
        let slice = ObjectKey(namespace: "shop", name: "s7-1")
        let difference = translation.apply([.endpointSlice(slice, nil)])
        #expect(difference == MeshDifference(endpoints: [EndpointKey(service: key("s7"), portName: "http")]))
        #expect(translation.work.services == before.services)
        #expect(translation.work.endpoints == before.endpoints + 1)
    }

    @Test func whatMeansNothingChangesNothing() throws {
        let yaml = service("a", "{clusterIP: 10.0.0.1, ports: [{port: 80}]}")
        var translation = MeshTranslation(try clusterObjects(yaml))
        var touched = try serviceObject(yaml)
        touched.metadata.resourceVersion = "7"
        touched.metadata.annotations["example.com/checked"] = "yes"
        #expect(translation.apply([.service(touched.metadata.key, touched)]).isEmpty)
    }

    @Test func objectsOfWrongShapeAreTold() throws {
        var objects = ClusterObjects()
        let bad: JSONValue = [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "a"],
            "spec": ["ports": [["port": 80], ["port": "http"]]],
        ]
        let diagnostics = objects.add(UnstructuredObject(bad))
        #expect(
            diagnostics == [Diagnostic(path: "spec.ports[1].port", message: "is a string, and must be an integer")])
        let missing: JSONValue = [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "a"], "spec": ["ports": [[:]]],
        ]
        #expect(
            objects.add(UnstructuredObject(missing))
                == [Diagnostic(path: "spec.ports[0].port", message: "is required")])
        #expect(objects.add(UnstructuredObject(["apiVersion": "v1", "kind": "Secret"])) == nil)
        #expect(objects == ClusterObjects())
    }
}
