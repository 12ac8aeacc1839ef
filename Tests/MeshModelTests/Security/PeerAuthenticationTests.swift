import KubernetesModel
import MeshModel
import Testing

@Suite("Which connections workloads take")
struct PeerAuthenticationTests {
    private func policy(
        _ name: String, in namespace: String, created: String = "", selector: [String: String] = [:],
        _ mode: InboundTLSMode?, ports: [Int: InboundTLSMode?] = [:]
    ) -> PeerAuthentication {
        let reference = ObjectReference(
            GroupKind(group: "security.istio.io", kind: "PeerAuthentication"),
            ObjectKey(namespace: namespace, name: name))
        return PeerAuthentication(
            origin: ConfigurationOrigin(reference, created: created), selector: selector, mode: mode, ports: ports)
    }

    private func tls(_ policies: PeerAuthentication..., namespace: String = "a", labels: [String: String] = [:])
        -> InboundTLS
    {
        PeerAuthenticationIndex(policies, rootNamespace: "root").inboundTLS(namespace: namespace, labels: labels)
    }

    @Test("Without a policy both are taken")
    func nothing() {
        #expect(tls() == InboundTLS(.permissive))
        #expect(PeerAuthenticationIndex([PeerAuthentication](), rootNamespace: "root").isEmpty)
    }

    @Test("The narrower policy counts; one that says nothing takes over what is wider")
    func inheritance() {
        let mesh = policy("m", in: "root", .strict)
        #expect(tls(mesh) == InboundTLS(.strict))
        #expect(tls(mesh, policy("n", in: "a", .disable)) == InboundTLS(.disable))
        #expect(tls(mesh, policy("n", in: "b", .disable)) == InboundTLS(.strict))
        #expect(tls(mesh, policy("n", in: "a", nil)) == InboundTLS(.strict))
        let workload = policy("w", in: "a", selector: ["app": "x"], nil, ports: [80: .disable, 90: nil])
        let namespace = policy("n", in: "a", .permissive)
        #expect(
            tls(mesh, namespace, workload, labels: ["app": "x", "v": "1"])
                == InboundTLS(.permissive, ports: [80: .disable, 90: .permissive]))
        #expect(tls(mesh, namespace, workload, labels: ["app": "y"]) == InboundTLS(.permissive))
        #expect(tls(mesh, workload, labels: ["app": "x"]).mode(of: 90) == .strict)
    }

    @Test("Of several at one place the oldest counts, alone")
    func oldest() {
        let young = policy("a", in: "a", created: "2026-02-01T00:00:00Z", .strict)
        let old = policy("b", in: "a", created: "2026-01-01T00:00:00Z", nil)
        #expect(tls(young, old) == InboundTLS(.permissive))
        #expect(tls(young, policy("b", in: "a", .disable)) == InboundTLS(.strict))
        let first = policy(
            "x", in: "a", created: "2026-01-01T00:00:00Z", selector: ["app": "x"], nil, ports: [1: .strict])
        let second = policy("y", in: "a", created: "2026-02-01T00:00:00Z", selector: ["app": "x"], .disable)
        #expect(tls(second, first, labels: ["app": "x"]) == InboundTLS(.permissive, ports: [1: .strict]))
    }

    @Test("In the root namespace a selector selects nothing")
    func selectorInRoot() {
        let policy = policy("w", in: "root", selector: ["app": "x"], .strict)
        #expect(tls(policy, labels: ["app": "x"]) == InboundTLS(.permissive))
        #expect(tls(policy, namespace: "root", labels: ["app": "x"]) == InboundTLS(.permissive))
    }

    @Test("Ports without a selector say nothing")
    func portsWithoutSelector() {
        #expect(tls(policy("n", in: "a", .strict, ports: [80: .disable])) == InboundTLS(.strict))
    }
}
