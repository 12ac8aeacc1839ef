import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct ServiceTests {
    private func translated(_ yaml: String, _ settings: MeshSettings = MeshSettings()) throws -> Translated<
        MeshService?
    > {
        meshService(of: try serviceObject(yaml), in: settings)
    }

    private func service(_ spec: String, annotations: String = "{}") throws -> MeshService {
        let translated = try translated(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, namespace: shop, annotations: \(annotations)}
            spec: \(spec)
            """)
        #expect(translated.diagnostics == [])
        return try #require(translated.value)
    }

    @Test func aClusterIPStandsForItsEndpoints() throws {
        let translated = try translated(
            """
            apiVersion: v1
            kind: Service
            metadata:
              name: reviews
              namespace: shop
              creationTimestamp: "2026-01-02T03:04:05Z"
              labels: {app: reviews}
            spec:
              clusterIP: 10.0.0.1
              clusterIPs: [10.0.0.1, "fd00::1"]
              externalIPs: [198.51.100.7]
              selector: {app: reviews}
              ports:
              - {name: http, port: 80, targetPort: web}
              - {name: tcp-x, port: 9000, targetPort: 9001, nodePort: 30900}
              - {name: dns, port: 53, protocol: UDP}
            status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {hostname: lb.example.com}]}}
            """)
        var expected = MeshService(
            name: "reviews", namespace: "shop", hostname: "reviews.shop.svc.cluster.local",
            addresses: ["10.0.0.1", "fd00::1"],
            ports: [
                ServicePort(name: "http", number: 80, meshProtocol: .http, target: .name("web")),
                ServicePort(name: "tcp-x", number: 9000, meshProtocol: .tcp, target: .number(9001), nodePort: 30900),
                ServicePort(name: "dns", number: 53, meshProtocol: .udp),
            ])
        expected.externalAddresses = ["203.0.113.1", "lb.example.com", "198.51.100.7"]
        expected.created = "2026-01-02T03:04:05Z"
        expected.labels = ["app": "reviews"]
        expected.selector = ["app": "reviews"]
        #expect(translated == Translated<MeshService?>(expected))
    }

    @Test func aHeadlessServiceHasNoAddress() throws {
        let service = try service("{clusterIP: None, clusterIPs: [None], ports: [{name: tcp, port: 2181}]}")
        #expect(service.resolution == .headless)
        #expect(service.addresses == [])
    }

    @Test func aServiceWithoutAddressYetIsKnownByName() throws {
        let service = try service("{ports: [{name: http, port: 80}]}")
        #expect(service.resolution == .endpoints)
        #expect(service.addresses == [])
    }

    @Test(arguments: [("db.example.com", "db.example.com"), ("DB.example.com.", "db.example.com")])
    func anExternalNameIsAHost(written: String, host: String) throws {
        let service = try service("{type: ExternalName, externalName: \(written)}")
        #expect(service.resolution == .externalName(host))
        #expect(service.addresses == [])
    }

    @Test func theClusterDomainEndsTheHostname() throws {
        var settings = MeshSettings()
        settings.clusterDomain = "corp.example"
        let translated = try translated(
            "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {}}", settings)
        #expect(translated.value?.hostname == "a.b.svc.corp.example")
    }

    @Test func preferencesAreRead() throws {
        let service = try service(
            """
            {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}},
             internalTrafficPolicy: Local, trafficDistribution: PreferClose, publishNotReadyAddresses: true}
            """)
        #expect(service.sessionAffinity == SessionAffinity(timeout: .seconds(60)))
        #expect(service.isNodeLocal)
        #expect(service.trafficDistribution == .preferSameZone)
        #expect(service.publishesNotReadyAddresses)
    }

    @Test func affinityLastsThreeHoursByDefault() throws {
        #expect(
            try service("{sessionAffinity: ClientIP}").sessionAffinity == SessionAffinity(timeout: .seconds(10800)))
        #expect(try service("{sessionAffinity: None}").sessionAffinity == nil)
    }

    @Test(arguments: [
        ("*", Visibility.everywhere), (".", Visibility(namespaces: ["shop"])), ("~", .nowhere),
        ("., other", Visibility(namespaces: ["shop", "other"])), ("other,*", .everywhere),
    ])
    func anAnnotationSaysWhoSeesIt(words: String, expected: Visibility) throws {
        let service = try service("{}", annotations: "{networking.istio.io/exportTo: '\(words)'}")
        #expect(service.visibility == expected)
    }

    @Test func theMeshSaysWhoSeesServicesByDefault() throws {
        var settings = MeshSettings()
        settings.defaultServiceVisibility = ["."]
        let translated = try translated(
            "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {}}", settings)
        #expect(translated.value?.visibility == Visibility(namespaces: ["b"]))
    }

    @Test func annotationsComeBeforeTheSpec() throws {
        let service = try service(
            "{trafficDistribution: PreferClose}",
            annotations: "{networking.istio.io/traffic-distribution: PreferSameNode}")
        #expect(service.trafficDistribution == .preferSameNode)
    }

    @Test("A namespace says it for its Services that do not, at once for all, and takes it back")
    func namespacesSayItForServices() throws {
        var translation = MeshTranslation()
        var own = try serviceObject(
            "{apiVersion: v1, kind: Service, metadata: {name: own, namespace: shop}, spec: {trafficDistribution: Any}}")
        own.metadata.annotations["networking.istio.io/traffic-distribution"] = "PreferSameNode"
        let plain = try serviceObject(
            "{apiVersion: v1, kind: Service, metadata: {name: plain, namespace: shop}, spec: {}}")
        let other = try serviceObject(
            "{apiVersion: v1, kind: Service, metadata: {name: other, namespace: else}, spec: {}}")
        func namespace(_ word: String?) -> NamespaceObject {
            var namespace = NamespaceObject(metadata: ObjectMeta(name: "shop"))
            namespace.metadata.annotations["networking.istio.io/traffic-distribution"] = word
            return namespace
        }
        func preferences() -> [String: TrafficDistribution] {
            Dictionary(
                uniqueKeysWithValues: translation.snapshot.services.values.map { ($0.name, $0.trafficDistribution) })
        }
        let objects = [own, plain, other].map { ObjectChange.service($0.metadata.key, $0) }
        _ = translation.apply(objects + [.namespace("shop", namespace("PreferClose"))])
        #expect(preferences() == ["own": .preferSameNode, "plain": .preferSameZone, "other": .any])
        let difference = translation.apply([.namespace("shop", namespace(nil))])
        #expect(preferences() == ["own": .preferSameNode, "plain": .any, "other": .any])
        #expect(difference.services.map(\.hostname) == ["plain.shop.svc.cluster.local"])
        _ = translation.apply([.namespace("shop", namespace("Nonsense"))])
        #expect(preferences()["plain"] == .any)
    }

    @Test func identitiesAreAdded() throws {
        let service = try service(
            "{}",
            annotations: """
                {alpha.istio.io/kubernetes-serviceaccounts: 'b, a',
                 alpha.istio.io/canonical-serviceaccounts: spiffe://other/ns/x/sa/y}
                """)
        #expect(
            service.subjectAltNames == [
                "spiffe://cluster.local/ns/shop/sa/a", "spiffe://cluster.local/ns/shop/sa/b",
                "spiffe://other/ns/x/sa/y",
            ])
    }

    @Test func badPortsLeaveTheOthers() throws {
        let translated = try translated(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: a, namespace: b}
            spec:
              trafficDistribution: Somewhere
              ports:
              - {name: good, port: 80}
              - {name: low, port: 0}
              - {name: again, port: 80}
              - {name: good, port: 81}
              - {name: odd, port: 82, protocol: QUIC}
              - {name: far, port: 83, targetPort: 70000}
              - {name: udp, port: 80, protocol: UDP}
            """)
        #expect(translated.value?.ports.map(\.name) == ["good", "udp"])
        #expect(
            translated.diagnostics.map(\.path) == [
                "spec.ports[1].port", "spec.ports[2].port", "spec.ports[3].name", "spec.ports[4].protocol",
                "spec.ports[5].targetPort", "spec.trafficDistribution",
            ])
    }

    @Test(arguments: [
        ("{name: a, namespace: b}", "{type: ExternalName}", "spec.externalName"),
        ("{name: a.b, namespace: c}", "{}", "metadata.name"), ("{name: A, namespace: c}", "{}", "metadata.name"),
    ])
    func aServiceNobodyCanCallIsLeftOut(metadata: String, spec: String, path: String) throws {
        let translated = try translated("{apiVersion: v1, kind: Service, metadata: \(metadata), spec: \(spec)}")
        #expect(translated.value == nil)
        #expect(translated.diagnostics.map(\.path) == [path])
    }
}
