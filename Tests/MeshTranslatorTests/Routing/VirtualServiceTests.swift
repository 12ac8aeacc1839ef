import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("VirtualServices as the mesh has them")
struct VirtualServiceTests {
    private static let reference = ObjectReference(
        GroupKind(group: "networking.istio.io", kind: "VirtualService"), ObjectKey(namespace: "shop", name: "v"))

    private func object(_ spec: String) -> String {
        """
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: \(spec)}
        """
    }

    private func service(_ spec: String) throws -> VirtualService {
        let translation = MeshTranslation(try clusterObjects(object(spec)))
        #expect(translation.diagnostics == [:])
        return try #require(translation.snapshot.configuration.virtualServices[Self.reference.key])
    }

    @Test("Names are completed in the object's namespace; addresses, patterns and names with dots stay")
    func names() throws {
        let service = try service(
            """
            {hosts: [Cart, cart.other, "*.example.com", 10.0.0.1], gateways: [mesh, front, other/front],
             http: [{match: [{gateways: [front, mesh]}], route: [{destination: {host: cart, port: {number: 80}}}]}]}
            """)
        #expect(
            service.hosts == ["cart.shop.svc.cluster.local", "cart.other", "*.example.com", "10.0.0.1"])
        #expect(service.gateways == ["mesh", "shop/front", "other/front"])
        #expect(service.http[0].matches[0].client.gateways == ["shop/front", "mesh"])
        #expect(service.destinations == [RouteDestination(host: "cart.shop.svc.cluster.local", port: 80)])
    }

    @Test("A name that ends with a dot is whole, and the same as without")
    func finalDots() throws {
        let service = try service(
            """
            {hosts: [A.example.com., "*.example.org.", reviews.],
             http: [{route: [{destination: {host: b.example.com.}}]}],
             tls: [{match: [{sniHosts: [A.example.com., "*.example.org."]}], route: [{destination: {host: c.}}]}]}
            """)
        #expect(service.hosts == ["a.example.com", "*.example.org", "reviews"])
        #expect(service.destinations.map(\.host) == ["b.example.com", "c"])
        #expect(service.tls.flatMap { $0.matches.map(\.serverNames) } == [["a.example.com", "*.example.org"]])
    }

    @Test("Gateways of other namespaces can be named like hosts, the own namespace by a dot")
    func gatewayNames() throws {
        let service = try service(
            """
            {hosts: [a.com], gateways: [./front, back.other, side.third.svc.cluster.local],
             http: [{match: [{gateways: [./front]}], route: [{destination: {host: a.com}}]}]}
            """)
        #expect(service.gateways == ["shop/front", "other/back", "third/side"])
        #expect(service.http[0].matches[0].client.gateways == ["shop/front"])
    }

    @Test("Without gateways it is for sidecars; who sees it is said by itself, or by the mesh")
    func visibility() throws {
        let plain = "{hosts: [a], http: [{route: [{destination: {host: a}}]}]}"
        #expect(try service(plain).gateways == [VirtualService.mesh])
        #expect(try service(plain).visibility == .everywhere)
        let own = try service("{hosts: [a], exportTo: [., other], http: [{route: [{destination: {host: a}}]}]}")
        #expect(own.visibility == Visibility(namespaces: ["shop", "other"]))
        let settings = """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system},
             data: {mesh: "defaultVirtualServiceExportTo: ['.']"}}
            """
        let translation = MeshTranslation(try clusterObjects("\(settings)\n---\n\(object(plain))"))
        #expect(
            translation.snapshot.configuration.virtualServices[Self.reference.key]?.visibility
                == Visibility(namespaces: ["shop"]))
    }

    @Test("All that its rules send anything to is named, copies too")
    func destinations() throws {
        let service = try service(
            """
            {hosts: [a.example.com],
             http: [{route: [{destination: {host: a}, weight: 1}, {destination: {host: b, subset: v1}, weight: 1}],
                     mirrors: [{destination: {host: c}}]}, {redirect: {uri: /}}],
             tls: [{match: [{sniHosts: [a.example.com]}], route: [{destination: {host: d}}]}],
             tcp: [{route: [{destination: {host: a}}]}]}
            """)
        #expect(
            service.destinations.map { String($0.host.prefix(1)) + $0.subset } == ["a", "bv1", "c", "d"])
    }

    @Test("One that makes no sense changes nothing: the last good one stays, and the mistake is told")
    func lastGood() throws {
        var translation = MeshTranslation(
            try clusterObjects(object("{hosts: [a], http: [{route: [{destination: {host: a}}]}]}")))
        let before = translation.snapshot
        let bad = try #require(
            try clusterObjects(object("{hosts: [a], http: [{route: [{destination: {}}]}]}")).configuration.values.first)
        #expect(translation.apply([.configuration(Self.reference, bad)]).isEmpty)
        #expect(translation.snapshot == before)
        #expect(
            translation.diagnostics[Self.reference]?.map(\.path) == ["spec.http[0].route[0].destination.host"])
    }

    @Test("How the mesh retries where no rule says so")
    func defaultRetries() throws {
        let settings = """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system},
             data: {mesh: "defaultHttpRetryPolicy: {attempts: 4, retryOn: '5xx,429', backoff: 10ms}"}}
            """
        var rule = RetryRule(attempts: 4, conditions: ["5xx"], statusCodes: [429])
        rule.backoff = .milliseconds(10)
        #expect(MeshTranslation(try clusterObjects(settings)).snapshot.settings.defaultRetries == rule)
    }
}

extension VirtualServiceTests {
    @Test("Of two for one host the one that is never asked is warned, unless nobody sees both; so are idle delegations")
    func relations() throws {
        func object(_ name: String, _ namespace: String, _ age: Int, _ spec: String) -> String {
            """
            ---
            {apiVersion: networking.istio.io/v1, kind: VirtualService,
             metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "2026-01-0\(age)T00:00:00Z"},
             spec: \(spec)}

            """
        }
        let rules = "http: [{route: [{destination: {host: a}}]}]"
        var translation = MeshTranslation(
            try clusterObjects(
                object("old", "a", 1, "{hosts: [x.com], \(rules)}")
                    + object("young", "b", 2, "{hosts: [y.com, x.com], \(rules)}")
                    + object("apart", "c", 3, "{hosts: [y.com], exportTo: [c], \(rules)}")
                    + object(
                        "root", "a", 3, "{hosts: [z.com], http: [{match: [{uri: {prefix: /a}}], delegate: {name: d}}]}")
                    + object("gateway", "a", 4, "{hosts: [x.com], gateways: [front], \(rules)}")))
        func paths() -> [String: [String]] {
            Dictionary(
                uniqueKeysWithValues: translation.diagnostics.map { ($0.key.key.name, $0.value.map(\.path)) })
        }
        // What is for few is asked first, where both are seen.
        #expect(
            paths() == ["young": ["spec.hosts[0]", "spec.hosts[1]"].reversed(), "root": ["spec.http[0].delegate"]])
        let changes = try clusterObjects(
            object(
                "d", "a", 1,
                "{http: [{match: [{uri: {prefix: /b}}], route: [{destination: {host: a}}]}, {redirect: {uri: /}}]}"))
        _ = translation.apply(
            changes.configuration.map { ObjectChange.configuration($0.key, $0.value) }
                + [
                    .configuration(
                        ObjectReference(Self.reference.groupKind, ObjectKey(namespace: "a", name: "old")), nil)
                ])
        #expect(paths() == ["young": ["spec.hosts[0]"], "root": ["spec.http[0].delegate"]])
        #expect(
            translation.diagnostics.values.flatMap(\.self).contains { $0.message.contains("leaves out spec.http[0]") })
    }
}
