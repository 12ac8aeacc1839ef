import KubernetesModel
import MeshModel

extension Proxy {
    /// The proxy that a file describes: `type`, `namespace`, `ips`, `labels`, `id`, `dnsDomain` and `metadata`.
    init(reading file: String) throws(InputFault) {
        let json = try jsonValue(of: file)
        let kind = json["type"]?.string ?? "sidecar"
        let addresses = (json["ips"]?.array ?? []).compactMap(\.string)
        let id = json["id"]?.string ?? "proxy.\(json["namespace"]?.string ?? "default")"
        let domain = json["dnsDomain"]?.string ?? ""
        let node = ProxyNode(
            id: "\(kind)~\(addresses.first ?? "")~\(id)~\(domain)", metadata: json["metadata"] ?? .object([:]))
        do {
            self = try Proxy(node)
        } catch {
            throw InputFault(error.description, at: .file(file, nil))
        }
        if let namespace = json["namespace"]?.string, !namespace.isEmpty { self.namespace = namespace }
        if let labels = json["labels"]?.object { self.labels = labels.compactMapValues(\.string) }
        if !addresses.isEmpty { self.addresses = addresses }
    }
}
