package import DiscoveryServer
import KubernetesModel
package import MeshModel

extension ProxyNode {
    /// What a client says of itself, in the mesh's words.
    package init(_ node: NodeIdentity) {
        self.init(
            id: node.id, cluster: node.cluster,
            metadata: (try? JSONValue(parsing: node.metadata)) ?? .object([:]),
            locality: Locality(
                region: node.locality.region, zone: node.locality.zone, subzone: node.locality.subzone),
            userAgent: node.userAgentName, version: EnvoyVersion(node.userAgentVersion))
    }
}

extension EnvoyVersion {
    /// Reads `1.40.0`; nil for what begins otherwise.
    init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).prefix(3).map { part in
            Int(part.prefix { $0.isASCII && $0.isNumber })
        }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor, (numbers.count > 2 ? numbers[2] : nil) ?? 0)
    }
}
