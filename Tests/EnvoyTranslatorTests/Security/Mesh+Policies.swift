import KubernetesModel
import MeshModel

extension Mesh {
    /// Has sidecars of `default` take connections this way.
    mutating func demand(_ tls: InboundTLS) {
        let key = ObjectKey(namespace: "default", name: "demanded")
        let origin = ConfigurationOrigin(
            ObjectReference(GroupKind(group: "security.istio.io", kind: "PeerAuthentication"), key))
        // Ports can be told for workloads that are selected alone.
        var policy = PeerAuthentication(origin: origin, mode: tls.mode)
        if !tls.ports.isEmpty {
            policy.selector = ["test": "sidecar"]
            policy.ports = tls.ports.mapValues(Optional.some)
        }
        snapshot.configuration.peerAuthentications[key] = policy
    }
}
