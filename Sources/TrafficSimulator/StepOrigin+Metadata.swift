import EnvoyAPI
import KubernetesModel
import SwiftProtobuf

extension StepOrigin {
    /// The object that a resource's metadata names.
    init?(_ metadata: Envoy_Config_Core_V3_Metadata) {
        guard let path = metadata.filterMetadata["istio"]?.fields["config"]?.stringValue else { return nil }
        self.init(path: path)
    }

    /// The object that a path names: `/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews`.
    init?(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 7, parts[0] == "apis", parts[3] == "namespaces" else { return nil }
        let kind = parts[5].split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        self.init(
            ObjectReference(GroupKind(group: parts[1], kind: kind), ObjectKey(namespace: parts[4], name: parts[6])))
    }

    /// The object that the name of a policy in a filter says: `ns[default]-policy[deny]-rule[0]`.
    init?(policy: String) {
        guard let match = policy.wholeMatch(of: /ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[(\d+)\]/) else { return nil }
        let key = ObjectKey(namespace: String(match.1), name: String(match.2))
        self.init(
            ObjectReference(GroupKind(group: "security.istio.io", kind: "AuthorizationPolicy"), key),
            field: "spec.rules[\(match.3)]")
    }
}
