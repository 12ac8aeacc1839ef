import CertificateAuthority
import FoundationEssentials
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import Testing

extension OperatorTests {
    /// A webhook configuration whose server is not there refuses every Pod: it comes after its server.
    @Suite struct WebhookGateTests {
        @Test func configurationsComeOnceTheirServerIsProvedByTheMeshRoot() async throws {
            let operators = try await OperatorCluster.shared
            let root = try SelfSignedRoot(trustDomain: "cluster.local").material(now: .now)
            let stranger = try SelfSignedRoot(trustDomain: "cluster.local").material(now: .now)
            try await operators.withMesh { mesh in
                let server = WebhookServer()
                let names = ["istiod.\(mesh.namespace).svc"]
                try await server.serve(names, issuedBy: root) { port in
                    try await operators.withOperator(webhookServerAddress: { _ in .init(host: "127.0.0.1", port: port) }
                    ) { _ in
                        let gated = try await mesh.behindWebhookServer("mesh", ["profile": "minimal"])
                        #expect(Set(gated.map(\.groupKind.kind)).count == 2)
                        try await mesh.publish(stranger)
                        try await mesh.apply("mesh", ["profile": "minimal"])
                        try await mesh.until("mesh", .healthy)
                        try await mesh.addEndpoint()
                        try await mesh.nudge("mesh", until: { server.connections > 0 })
                        try await mesh.until("mesh", .healthy)
                        // Somebody answers, but not with a certificate of this mesh.
                        #expect(try await mesh.present(gated).isEmpty)
                        #expect(try await mesh.injectionIsPending("mesh"))

                        try await mesh.publish(root)
                        try await mesh.nudge("mesh") { try await !mesh.injectionIsPending("mesh") }
                        #expect(try await mesh.present(gated) == gated)
                    }
                }
            }
        }
    }
}

extension Mesh {
    /// As the control plane does: its root, for all who verify its certificates.
    fileprivate func publish(_ authority: CAMaterial) async throws {
        let configMap = UnstructuredObject([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "istio-ca-root-cert", "namespace": .string(namespace)],
            "data": ["root-cert.pem": .string(authority.rootCertificatePEM)],
        ])
        _ = try await client.apply(.configMaps, configMap, fieldManager: "tests", force: true)
    }

    /// One ready replica, as the endpoints controller would list it once the kubelet gave it an IP.
    func addEndpoint() async throws {
        let endpoints = UnstructuredObject([
            "apiVersion": "v1", "kind": "Endpoints",
            "metadata": ["name": "istiod", "namespace": .string(namespace)],
            "subsets": [
                [
                    "addresses": [["ip": "192.0.2.1"]],
                    "ports": [["name": "https-webhook", "port": 15017, "protocol": "TCP"]],
                ]
            ],
        ])
        _ = try await client.apply(.endpoints, endpoints, fieldManager: "tests", force: true)
    }

    /// Has the IstioOperator looked at again and again until something is true.
    func nudge(_ name: String, until condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var count = 0
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("it does not come true")
                return
            }
            count += 1
            _ = try await client.patch(
                .istioOperators, key(name), .merge(["metadata": ["annotations": ["nudged": .string("\(count)")]]]),
                fieldManager: "tests")
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    func injectionIsPending(_ name: String) async throws -> Bool {
        let iop = IstioOperator(try await client.get(.istioOperators, key(name)))
        return iop.status.conditions.contains { $0.type == "InjectionReady" && $0.status == .false }
    }

    func present(_ references: Set<ObjectReference>) async throws -> Set<ObjectReference> {
        Set(try await objects(ListScope()).keys).intersection(references)
    }
}
