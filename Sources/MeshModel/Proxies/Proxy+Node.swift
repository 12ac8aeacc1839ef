import KubernetesModel

extension Proxy {
    /// Reads what an Envoy says of itself.
    ///
    /// - Throws: `ProxyNodeError` for an id that does not say what and whose it is.
    package init(_ node: ProxyNode) throws(ProxyNodeError) {
        let parts = node.id.split(separator: "~", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else {
            throw ProxyNodeError(id: node.id, problem: "it has \(parts.count) parts between ~, not 4")
        }
        guard let kind = Kind(rawValue: parts[0]) else {
            throw ProxyNodeError(id: node.id, problem: "\"\(parts[0])\" is no kind of proxy")
        }
        let metadata = node.metadata
        func text(_ name: String) -> String? { metadata[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }

        // A name may have dots; a namespace has none.
        let dot = parts[2].lastIndex(of: ".")
        let name = dot.map { String(parts[2][..<$0]) } ?? parts[2]
        let namespace = text("NAMESPACE") ?? dot.map { String(parts[2][parts[2].index(after: $0)...]) } ?? ""
        guard !name.isEmpty, !namespace.isEmpty else {
            throw ProxyNodeError(id: node.id, problem: "\"\(parts[2])\" is no name and namespace")
        }
        let listed = (text("INSTANCE_IPS") ?? "").split(separator: ",").map { String($0.trimmingSpaces) }
        let addresses = listed.isEmpty ? [parts[1]].filter { !$0.isEmpty } : listed
        guard !addresses.isEmpty else {
            throw ProxyNodeError(id: node.id, problem: "it names no address, and the metadata has no INSTANCE_IPS")
        }
        let labels = (metadata["LABELS"]?.object ?? [:]).compactMapValues(\.string)

        self.init(kind: kind, name: name, namespace: namespace, addresses: addresses, labels: labels)
        id = node.id
        serviceAccount = text("SERVICE_ACCOUNT") ?? "default"
        clusterID = text("CLUSTER_ID") ?? "Kubernetes"
        network = text("NETWORK") ?? labels["topology.istio.io/network"] ?? ""
        locality = Self.locality(of: node, labels: labels)
        dnsDomain = parts[3].isEmpty ? dnsDomain : parts[3]
        interceptionMode = text("INTERCEPTION_MODE").flatMap(InterceptionMode.init) ?? .redirect
        workloadName = text("WORKLOAD_NAME") ?? name
        self.node = text("NODE_NAME") ?? ""
        self.metadata = metadata
        capabilities = ProxyCapabilities(node)
    }

    private static func locality(of node: ProxyNode, labels: [String: String]) -> Locality {
        guard node.locality.isUnknown else { return node.locality }
        let label = labels["topology.istio.io/locality"] ?? labels["istio-locality"]
        return label.map(Locality.init(parsing:)) ?? .unknown
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        let start = drop { $0 == " " }
        guard let end = start.lastIndex(where: { $0 != " " }) else { return start.prefix(0) }
        return start[...end]
    }
}
