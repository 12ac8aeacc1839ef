import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct SidecarScopeTests {
    private static let services =
        Mesh.service("a", "10.1.0.1") + Mesh.service("b", "10.1.0.2")
        + Mesh.service("db", "10.1.0.3", port: "{name: tcp-db, port: 3306}")
        + Mesh.service("far", "10.1.0.4", in: "far")

    private func resources(_ objects: String..., labels: [String: String] = [:]) throws -> Resources {
        let mesh = try Mesh(yaml: Self.services + objects.joined())
        var proxy = mesh.sidecar(at: ["10.0.0.1"])
        proxy.labels = labels
        return try mesh.resources(for: proxy)
    }

    private func host(_ name: String, _ namespace: String = "default") -> String {
        "\(name).\(namespace).svc.cluster.local"
    }

    @Test func onlyWhatIsNamedIsInReach() throws {
        let resources = try resources(
            Mesh.sidecar(
                "{egress: [{hosts: [./a.default.svc.cluster.local, far/*]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"
            ))
        #expect(resources.outboundNames == ["outbound|80||\(host("a"))", "outbound|80||\(host("far", "far"))"])
        #expect(resources.endpoints.map(\.clusterName) == resources.outboundNames)
        #expect(resources.listenerNames == ["0.0.0.0_80"])
        #expect(
            resources.routes("80")?.virtualHosts.map(\.name) == [
                "\(host("a")):80", "\(host("far", "far")):80", "block_all",
            ])
        #expect(resources.chains("virtualOutbound")?.last == "virtualOutbound-catchall-tcp tcp BlackHoleCluster")
        #expect(try self.resources().outboundNames.count == 4)
    }

    @Test func aPortCanHaveHostsOfItsOwn() throws {
        let resources = try resources(
            Mesh.sidecar(
                """
                {egress: [{port: {number: 80, protocol: HTTP, name: h}, hosts: [./a.default.svc.cluster.local]},
                  {port: {number: 3306, protocol: TCP, name: t}, bind: 127.0.0.1, captureMode: NONE, hosts: ["*/db.default.svc.cluster.local"]},
                  {hosts: ["*/*"]}]}
                """))
        #expect(resources.listenerNames == ["0.0.0.0_80", "10.1.0.3_3306", "127.0.0.1_3306"])
        #expect(resources.routes("80")?.virtualHosts.map(\.name) == ["\(host("a")):80", "allow_any"])
        #expect(resources.chains("127.0.0.1_3306") == ["- tcp outbound|3306||\(host("db"))"])
        #expect(resources.listener("127.0.0.1_3306")?.hasBindToPort == false)
        #expect(resources.listener("0.0.0.0_80")?.bindToPort.value == false)
        #expect(resources.outboundNames.count == 4)
    }

    @Test func destinationsOfVirtualServicesComeAlong() throws {
        let resources = try resources(
            Mesh.sidecar("{egress: [{hosts: [./a.default.svc.cluster.local]}]}"),
            """
            {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v},
             spec: {hosts: [a.default.svc.cluster.local], http: [{route: [{destination: {host: far.far.svc.cluster.local}}]}]}}
            """)
        #expect(resources.outboundNames == ["outbound|80||\(host("a"))", "outbound|80||\(host("far", "far"))"])
        #expect(resources.routes("80")?.virtualHosts.map(\.name) == ["\(host("a")):80", "allow_any"])
    }

    @Test func unknownCallsCanGoToAProxy() throws {
        let resources = try resources(
            Mesh.sidecar(
                """
                {egress: [{hosts: [./a.default.svc.cluster.local]}],
                 outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: far.far.svc.cluster.local, port: {number: 80}}}}
                """))
        let proxy = "outbound|80||\(host("far", "far"))"
        #expect(resources.outboundNames == ["outbound|80||\(host("a"))", proxy])
        #expect(resources.chains("virtualOutbound")?.last == "virtualOutbound-catchall-tcp tcp \(proxy)")
        #expect(resources.routes("80")?.virtualHosts.last?.routes.first?.route.cluster == proxy)
    }

    @Test func ingressReplacesThePortsOfServices() throws {
        let ingress = Mesh.sidecar(
            """
            {ingress: [{port: {number: 80, protocol: HTTP, name: h}, defaultEndpoint: "unix:///run/s"},
              {port: {number: 81, protocol: TCP, name: t}, defaultEndpoint: "127.0.0.1:8081", bind: 10.0.0.9},
              {port: {number: 82, protocol: TCP, name: u}, defaultEndpoint: "0.0.0.0:8082"}, {port: {number: 83, protocol: TCP, name: w}},
              {port: {number: 84, protocol: HTTP, name: v}}]}
            """)
        let service =
            "{apiVersion: v1, kind: Service, metadata: {name: own}, spec: {clusterIP: 10.1.0.9, selector: {app: own}, "
            + "ports: [{name: http, port: 80, targetPort: 80}, {name: http-b, port: 90, targetPort: 90}, {name: http-c, port: 94, targetPort: 84}]}}\n---\n"
        let resources = try resources(ingress, service, labels: ["app": "own"])
        #expect(
            resources.clusters.map(\.name).filter { $0.hasPrefix("inbound|") } == [
                "inbound|80||", "inbound|81||", "inbound|82||", "inbound|83||", "inbound|84||",
            ])
        func endpoint(_ port: Int) -> Envoy_Config_Core_V3_Address? {
            resources.cluster("inbound|\(port)||")?.loadAssignment.endpoints.first?.lbEndpoints.first?.endpoint.address
        }
        #expect(endpoint(80)?.pipe.path == "/run/s")
        #expect(endpoint(81)?.socketAddress.address == "127.0.0.1" && endpoint(81)?.socketAddress.portValue == 8081)
        let instance = resources.cluster("inbound|82||")
        #expect(instance?.type == .originalDst && instance?.originalDstLbConfig.upstreamPortOverride.value == 8082)
        let original = resources.cluster("inbound|83||")
        #expect(original?.type == .originalDst && original?.originalDstLbConfig.hasUpstreamPortOverride == false)
        let names = Set((resources.listener("virtualInbound")?.filterChains ?? []).map(\.name))
        #expect(names.isSuperset(of: ["10.0.0.1_80", "10.0.0.9_81", "10.0.0.1_82", "10.0.0.1_83"]))
        #expect(!names.contains("0.0.0.0_90"))
        let hosts = (resources.listener("virtualInbound")?.filterChains ?? []).filter { $0.name == "10.0.0.1_84" }
            .compactMap(\.connectionManager).flatMap(\.routeConfig.virtualHosts).map(\.name)
        #expect(Set(hosts) == ["inbound|http|84"])
    }

    @Test func ingressCanEndTLS() throws {
        let objects =
            Mesh.sidecar(
                "{ingress: [{port: {number: 443, protocol: HTTPS, name: h}, tls: {mode: SIMPLE, serverCertificate: c.pem, privateKey: k.pem}}]}"
            )
            + "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: p}, spec: "
            + "{selector: {matchLabels: {app: own}}, portLevelMtls: {443: {mode: DISABLE}}}}"
        var settings = MeshSettings()
        func chains(mode: String = "DISABLE") throws -> [String] {
            let objects = objects.replacing("DISABLE", with: mode)
            let mesh = try Mesh(yaml: objects, settings: settings)
            var proxy = mesh.sidecar(at: ["10.0.0.1"])
            proxy.labels = ["app": "own"]
            let listener = try mesh.resources(for: proxy).listener("virtualInbound")
            return (listener?.filterChains ?? []).filter { $0.name == "10.0.0.1_443" }.map(\.summary)
        }
        #expect(try chains() == ["10.0.0.1_443 :443 raw_buffer tcp inbound|443||"])
        settings.apply(environment: ["ENABLE_TLS_ON_SIDECAR_INGRESS": "true"])
        #expect(try chains() == ["10.0.0.1_443 :443 tls mTLS http inbound|443||"])
        // Beside the mesh's own TLS it does not count: what comes is the application's.
        #expect(try chains(mode: "STRICT") == ["10.0.0.1_443 :443 tls mTLS tcp inbound|443||"])
    }

    @Test func withoutCaptureEverythingListensOnItsOwn() throws {
        let mesh = try Mesh(yaml: Self.services)
        var proxy = mesh.sidecar(at: ["10.0.0.1"])
        proxy.interceptionMode = .none
        let resources = try mesh.resources(for: proxy)
        #expect(resources.listeners.map(\.name) == ["127.0.0.1_3306", "127.0.0.1_80"])
        #expect(resources.listeners.allSatisfy { !$0.hasBindToPort })
    }
}
