import Authentication
package import DiscoveryServer
package import KubernetesModel
import MeshDiscovery
package import MeshModel

/// A proxy of a machine outside of Kubernetes: a WorkloadEntry stands for it.
package struct RegisteringProxy: Hashable, Sendable {
    /// Of the entry.
    package var key: ObjectKey
    /// The WorkloadGroup that the entry is made from; nil: the entry has to be there.
    package var group: String?
    /// What the client has proven to be; nil: nothing.
    package var workload: WorkloadIdentity?
    var address: String
    var network: String
    /// `region/zone/subzone`.
    var locality: String
    var labels: [String: String]
    /// Its agent probes the workload, and tells.
    var isProbed: Bool

    /// Reads what a client says of itself; nil for one that no entry stands for.
    package init?(_ client: DiscoveryClient, _ settings: RegistrationSettings) {
        guard let proxy = try? Proxy(ProxyNode(client.node)), let address = proxy.addresses.first else { return nil }
        let metadata = proxy.metadata
        func text(_ name: String) -> String? { metadata[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        let (group, entry) = (text("AUTO_REGISTER_GROUP"), text("WORKLOAD_ENTRY"))
        if settings.registers, let group {
            self.group = group
            key = ObjectKey(
                namespace: proxy.namespace, name: Self.name(group: group, address: address, network: text("NETWORK")))
        } else if settings.takesHealth, let entry {
            key = ObjectKey(namespace: proxy.namespace, name: entry)
        } else {
            return nil
        }
        workload = client.verifiedWorkload
        self.address = address
        network = text("NETWORK") ?? ""
        let place = client.node.locality
        locality = Locality(region: place.region, zone: place.zone, subzone: place.subzone).description
        labels = (metadata["LABELS"]?.object ?? [:]).compactMapValues(\.string)
        isProbed = metadata["PROXY_CONFIG", "readinessProbe"]?.object.map { !$0.isEmpty } ?? false
    }

    /// What no entry can be made of; nil: nothing.
    package var mistake: String? {
        guard group != nil else { return nil }
        guard IPAddress(address) != nil else { return "'\(address)' is no IP address: set INSTANCE_IP to one" }
        guard TextRule.dnsSubdomain.accepts(key.name) else {
            return "'\(key.name)', of group, address and network, is no name of an object: lower case letters, digits,"
                + " '-' and '.', with a letter or digit at both ends"
        }
        return nil
    }

    /// The name of the entry that a proxy gets: the same whenever it comes back, and no other's.
    package static func name(group: String, address: String, network: String?) -> String {
        let sanitized = address.map { $0 == ":" ? "-" : String($0) }.joined()
        let name = ([group, sanitized] + (network.map { [$0] } ?? [])).joined(separator: "-")
        return String(decoding: name.utf8.suffix(253), as: UTF8.self)
    }

    /// The entry that it gets: what the group says, and over it what the proxy says of itself.
    ///
    /// - Parameter group: The WorkloadGroup.
    package func entry(of group: UnstructuredObject, marks: RegistrationMarks) -> UnstructuredObject {
        var spec = group.json["spec", "template"] ?? .object([:])
        var labels = (spec["labels"] ?? .null).stringMap
        labels.merge((group.json["spec", "metadata", "labels"] ?? .null).stringMap) { $1 }
        labels.merge(self.labels) { $1 }
        // The locality has a field of its own.
        labels["istio-locality"] = nil
        spec["address"] = .string(address)
        spec["labels"] = labels.isEmpty ? Optional.none : JSONValue(labels)
        if !network.isEmpty { spec["network"] = .string(network) }
        if !locality.isEmpty { spec["locality"] = .string(locality) }
        var annotations = (group.json["spec", "metadata", "annotations"] ?? .null).stringMap
        if isProbed { annotations[HealthCondition.switchName] = "true" }
        var metadata: JSONValue = [
            "namespace": .string(key.namespace), "name": .string(key.name), "annotations": JSONValue(annotations),
            "ownerReferences": [
                [
                    "apiVersion": .string(group.apiVersion), "kind": .string(group.kind), "name": .string(group.name),
                    "uid": .string(group.metadata.uid), "controller": true,
                ]
            ],
        ]
        if !labels.isEmpty { metadata["labels"] = JSONValue(labels) }
        return marks.applied(
            to: UnstructuredObject([
                "apiVersion": .string(group.apiVersion), "kind": "WorkloadEntry", "metadata": metadata, "spec": spec,
            ]))
    }

    /// Why an entry is not for it; nil: it is.
    ///
    /// - Parameter spec: Of the entry, or what it is to be made from.
    package func mismatch(_ spec: JSONValue) -> String? {
        guard let workload else {
            return "the client has not proven who it is: connect to the TLS port"
        }
        guard workload.namespace == key.namespace else {
            return "the client has proven to be of namespace \(workload.namespace)"
        }
        guard let account = spec["serviceAccount"]?.string, !account.isEmpty, account != workload.serviceAccount else {
            return nil
        }
        return "it is for ServiceAccount \(account), and the client has proven to be \(workload.serviceAccount)"
    }
}

extension JSONValue {
    /// The texts of an object of texts.
    fileprivate var stringMap: [String: String] { (object ?? [:]).compactMapValues(\.string) }
}
