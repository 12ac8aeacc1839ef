import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct SidecarTests {
    private func mesh(_ spec: String) throws -> MeshTranslation {
        MeshTranslation(
            try clusterObjects(
                "{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: \(spec)}"
            ))
    }

    private func sidecar(_ spec: String) throws -> Sidecar {
        let mesh = try mesh(spec)
        #expect(mesh.diagnostics == [:])
        return try #require(mesh.snapshot.configuration.sidecars.values.first)
    }

    private func problems(_ spec: String) throws -> [String] {
        try mesh(spec).diagnostics.values.flatMap(\.self).map(\.description)
    }

    @Test func readsWhatIsInReach() throws {
        let sidecar = try sidecar(
            """
            {workloadSelector: {labels: {app: a}},
             egress: [{port: {number: 3306, name: db, protocol: MySQL}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./db"]},
               {hosts: ["./*", "istio-system/*"]}],
             outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: proxy.far.svc.cluster.local, port: {number: 80}}}}
            """)
        #expect(sidecar.workloadSelector == ["app": "a"])
        #expect(
            sidecar.egress == [
                .init(
                    port: .init(number: 3306, name: "db", meshProtocol: .mysql), bind: "127.0.0.1", bindsToPort: true,
                    hosts: ["./db"]),
                .init(hosts: ["./*", "istio-system/*"]),
            ])
        #expect(
            sidecar.outboundPolicy
                == OutboundTrafficPolicy(.allowAny, egressProxy: .init(host: "proxy.far.svc.cluster.local", port: 80)))
        #expect(try self.sidecar("{outboundTrafficPolicy: {}}").outboundPolicy == OutboundTrafficPolicy(.registryOnly))
    }

    /// A name that ends with a dot is whole, and the same as without.
    @Test func finalDotsOfHostsMeanNothing() throws {
        let sidecar = try sidecar("{egress: [{hosts: [./a.example.com., '*/*.example.org.', ./*]}]}")
        #expect(sidecar.egress.map(\.hosts) == [["./a.example.com", "*/*.example.org", "./*"]])
    }

    @Test func readsWhatIsTakenIn() throws {
        let sidecar = try sidecar(
            """
            {ingress: [{port: {number: 80, name: http, protocol: HTTP}, defaultEndpoint: "127.0.0.1:8080"},
               {port: {number: 81, protocol: TCP}, defaultEndpoint: "[::]:8081", bind: 10.0.0.1},
               {port: {number: 82, protocol: TCP}, defaultEndpoint: "unix:///run/s"},
               {port: {number: 83, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: c, privateKey: k}}]}
            """)
        #expect(
            sidecar.ingress.map(\.target) == [
                .localhost(port: 8080), .instance(port: 8081), .socket("unix:///run/s"), .original,
            ])
        #expect(sidecar.ingress[3].tls?.certificates == .files([.init(certificate: "c", key: "k")]))
    }

    @Test func mistakesAreToldByField() throws {
        #expect(try problems("{}").contains("spec: says nothing; add egress, ingress or outboundTrafficPolicy"))
        #expect(
            try problems("{egress: [{hosts: [everything]}]}").contains {
                $0.hasPrefix("spec.egress[0].hosts[0]: is \"everything\", and must be namespace/host")
            })
        #expect(
            try problems("{egress: [{hosts: ['./*']}, {port: {number: 80}, hosts: ['./*']}]}").contains {
                $0.hasPrefix("spec.egress[0].port: is required in all listeners but the last")
            })
        #expect(
            try problems("{ingress: [{port: {number: 80}, defaultEndpoint: 'app:80'}]}").contains {
                $0.hasPrefix("spec.ingress[0].defaultEndpoint: is \"app:80\", and must be 127.0.0.1:port")
            })
        #expect(
            try problems("{ingress: [{port: {number: 80}}, {port: {number: 80}}]}").contains {
                $0.hasPrefix("spec.ingress[1].port.number: is 80, as another listener's")
            })
    }
}
