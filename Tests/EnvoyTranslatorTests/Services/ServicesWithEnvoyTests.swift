import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("ServiceEntries and Sidecars in a real Envoy", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct ServicesWithEnvoyTests {
    private static let everything =
        Mesh.entry(
            "none",
            "{hosts: [a.com, \"*.b.com\"], addresses: [10.9.0.0/16, 10.8.0.1], ports: [{number: 99, name: t, protocol: TCP}, {number: 98, name: a}]}"
        )
        + Mesh.entry(
            "dns",
            "{hosts: [c.com], resolution: DNS, ports: [{number: 443, name: t, protocol: TLS}, {number: 80, name: h, protocol: HTTP}]}"
        )
        + Mesh.entry(
            "first",
            "{hosts: [d.com], resolution: DNS_ROUND_ROBIN, ports: [{number: 80, name: h, protocol: HTTP}], endpoints: [{address: e.com}]}"
        )
        + Mesh.entry(
            "dynamic",
            "{hosts: [\"*.f.com\"], resolution: DYNAMIC_DNS, ports: [{number: 80, name: h, protocol: HTTP}, {number: 443, name: t, protocol: TLS}]}"
        )
        + Mesh.entry(
            "socket",
            "{hosts: [g.com], resolution: STATIC, ports: [{number: 97, name: h, protocol: HTTP}], endpoints: [{address: unix:///tmp/g}]}"
        )
        + Mesh.entry(
            "mixed",
            """
            {hosts: [h.com], addresses: [10.7.0.0/16],
             ports: [{number: 80, name: t, protocol: TCP}, {number: 97, name: a}, {number: 9000, name: x, protocol: TCP}]}
            """
        )
        + Mesh.entry(
            "mixed-more",
            "{hosts: [i.com], ports: [{number: 80, name: t, protocol: TLS}, {number: 97, name: u, protocol: TCP}]}"
        )
        + Mesh.sidecar(
            """
            {egress: [{port: {number: 9000, protocol: HTTP, name: h}, bind: 127.0.0.1, hosts: ["*/c.com"]},
               {port: {number: 0, protocol: HTTP, name: u}, bind: unix:///tmp/egress, hosts: ["*/*"]}, {hosts: ["*/*"]}],
             ingress: [{port: {number: 8080, protocol: HTTP, name: h}, defaultEndpoint: "unix:///tmp/app"},
               {port: {number: 8081, protocol: TCP, name: t}, defaultEndpoint: "0.0.0.0:9081"}]}
            """)

    @Test(
        "Every resource is valid", arguments: [["10.0.0.1"], ["10.0.0.1", "fd00::1"]],
        [MeshSettings.OutboundPolicy.allowAnyDynamicDNS, .registryOnly])
    func isValid(addresses: [String], policy: MeshSettings.OutboundPolicy) throws {
        var mesh = try Mesh(yaml: Self.everything)
        mesh.snapshot.settings.outboundPolicy = policy
        let resources = try mesh.resources(for: mesh.sidecar(at: addresses))
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }

    @Test("Names and addresses of hosts are called, and hosts out of reach answered with 502")
    func callsArrive() throws {
        let ports = try freePorts(5)
        var settings = MeshSettings()
        settings.outboundPort = ports[0]
        settings.inboundPort = ports[1]
        let mesh = try Mesh(
            yaml: Mesh.entry(
                "dns",
                """
                {hosts: [by-name.com], resolution: DNS, endpoints: [{address: localhost}],
                 ports: [{number: \(ports[2]), name: h, protocol: HTTP, targetPort: \(ports[3])}]}
                """)
                + Mesh.entry(
                    "static",
                    """
                    {hosts: [by-address.com], resolution: STATIC, endpoints: [{address: 127.0.0.1, ports: {h: \(ports[3])}}],
                     ports: [{number: \(ports[2]), name: h, protocol: HTTP}]}
                    """)
                + Mesh.entry(
                    "hidden",
                    """
                    {hosts: [out-of-reach.com], resolution: STATIC, endpoints: [{address: 127.0.0.1, ports: {h: \(ports[3])}}],
                     ports: [{number: \(ports[2]), name: h, protocol: HTTP}]}
                    """)
                + Mesh.sidecar(
                    "{egress: [{hosts: [./by-address.com, ./by-name.com]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"
                ),
            settings: settings)
        let folder = try TestFolder()
        let sources = ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))
        var resources = try mesh.resources(for: mesh.sidecar(at: ["127.66.9.1"]), settings: .init(sources: sources))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        let envoy = try RunningEnvoy(
            resources, secrets: try TestAuthority().secrets(for: ["spiffe://cluster.local/ns/default/sa/x"]),
            in: folder,
            application: [.application("app", ports[3], try .answering())])
        defer { envoy.stop() }
        func answer(_ host: String) throws -> String {
            try exchange(
                with: "127.0.0.1", port: ports[2],
                sending: "GET / HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n")
        }
        for host in ["by-name.com", "by-address.com"] {
            let answer = try answer(host)
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("served: app"), "\(host): \(answer)")
        }
        #expect(try answer("out-of-reach.com").hasPrefix("HTTP/1.1 502"))
        let rejected = try envoy.statistics("update_rejected|update_failure")
        #expect(rejected.filter { $0.value != 0 } == [:])
    }
}
