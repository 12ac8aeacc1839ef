import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Routes of a sidecar")
struct SidecarRouteTests {
    private func service(_ name: String, _ namespace: String = "default", ports: String) -> String {
        """
        ---
        {apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)},
         spec: {clusterIP: 10.0.0.\(name.utf8.count), ports: [\(ports)]}}

        """
    }

    private func routes(_ name: String, hosts: String, _ rules: String, created: String = "") -> String {
        """
        ---
        {apiVersion: networking.istio.io/v1, kind: VirtualService,
         metadata: {name: \(name), namespace: default, creationTimestamp: "\(created)"},
         spec: {hosts: [\(hosts)], http: [\(rules)]}}

        """
    }

    private func clusters(_ yaml: String, port: String) throws -> [String: String] {
        let hosts = try RoutedMesh(yaml).resources().routes(port)?.virtualHosts ?? []
        return Dictionary(uniqueKeysWithValues: hosts.map { ($0.name, $0.routes.first?.route.cluster ?? "") })
    }

    @Test("A host that is no service is on port 80, and where its object is about a service of the port")
    func plainHosts() throws {
        let known = service("known", ports: "{name: http, port: 80}, {name: http-alt, port: 8080}")
        let alone = known + routes("a", hosts: "foo.com", "{route: [{destination: {host: known}}]}")
        #expect(try clusters(alone, port: "80")["foo.com:80"] == "outbound|80||known.default.svc.cluster.local")
        #expect(try clusters(alone, port: "8080")["foo.com:8080"] == nil)
        let together = known + routes("a", hosts: "foo.com, known", "{route: [{destination: {host: known}}]}")
        #expect(
            try clusters(together, port: "8080")["foo.com:8080"] == "outbound|8080||known.default.svc.cluster.local")
    }

    @Test("A rule for another port leaves a service its own route; the next object for the host may have one")
    func portsOfRules() throws {
        let known = service("known", ports: "{name: http, port: 80}, {name: http-alt, port: 8080}")
        let first = routes(
            "a", hosts: "known", "{match: [{port: 8080}], route: [{destination: {host: first}}]}",
            created: "2026-01-01T00:00:00Z")
        let name = "known.default.svc.cluster.local"
        #expect(try clusters(known + first, port: "80")["\(name):80"] == "outbound|80||\(name)")
        let second = routes(
            "b", hosts: "known", "{route: [{destination: {host: second}}]}", created: "2026-02-01T00:00:00Z")
        #expect(
            try clusters(known + first + second, port: "80")["\(name):80"]
                == "outbound|80||second.default.svc.cluster.local")
        #expect(
            try clusters(known + first + second, port: "8080")["\(name):8080"]
                == "outbound|8080||first.default.svc.cluster.local")
    }

    @Test("Clients that no rule tells apart share all that is made for their calls; those that one does do not")
    func sharing() throws {
        let yaml =
            service("known", ports: "{name: http, port: 80}")
            + routes("a", hosts: "known", "{match: [{sourceLabels: {app: x}}], route: [{destination: {host: x}}]}")
        let snapshot = try RoutedMesh(yaml).translation.snapshot
        func traits(_ labels: [String: String]) -> OutboundTraits {
            let proxy = Proxy(
                kind: .sidecar, name: "p", namespace: "default", addresses: ["10.1.1.1"], labels: labels)
            return OutboundTraits(snapshot.view(of: proxy), in: snapshot)
        }
        #expect(traits(["app": "y", "pod": "1"]) == traits(["app": "y", "pod": "2"]))
        #expect(traits(["app": "y"]) != traits(["app": "x"]))
    }

    @Test("An edit of rules changes the routes of the ports it is about, and nothing else")
    func edits() throws {
        let services =
            service("known", ports: "{name: http, port: 80}")
            + service("other", ports: "{name: http, port: 9080}, {name: tcp, port: 5432}")
        func plan(_ yaml: String) throws -> Set<ResourceInput> {
            let mesh = try RoutedMesh(yaml)
            let view = mesh.translation.snapshot.view(of: mesh.proxy)
            let snapshot = mesh.translation.snapshot
            return Set(outboundPlan(for: OutboundTraits(view, in: snapshot), in: snapshot).all)
        }
        let before = try plan(services + routes("a", hosts: "known", "{route: [{destination: {host: known}}]}"))
        let after = try plan(services + routes("a", hosts: "known", "{route: [{destination: {host: other}}]}"))
        #expect(after.subtracting(before).map(\.name) == ["80"])
        #expect(before.subtracting(after).map(\.name) == ["80"])
    }
}
