package import KubernetesModel
package import MeshModel
package import MeshTranslator

/// Where clients outside of the cluster reach what Ingresses say.
package enum IngressAddresses {
    /// Where the addresses come from.
    package enum Source: Hashable, Sendable {
        case known([String])
        /// Gateways without a Service: the external addresses of the nodes that these run on.
        case nodes(Set<String>)
    }

    /// What the gateway's Service says, or where else to look.
    ///
    /// - Parameter namespace: Of the gateway.
    package static func source(
        _ objects: ClusterObjects, _ settings: IngressSettings, in namespace: String
    ) -> Source {
        guard settings.service.isEmpty else {
            return .known(addresses(of: objects.services[ObjectKey(namespace: namespace, name: settings.service)]))
        }
        let label = settings.selector.isEmpty ? "ingressgateway" : settings.selector
        let pods = objects.pods.filter { key, pod in
            key.namespace == namespace && pod.metadata.labels["istio"] == label && pod.status?.phase == "Running"
        }
        return .nodes(Set(pods.values.compactMap { $0.spec?.nodeName }))
    }

    private static func addresses(of service: ServiceObject?) -> [String] {
        guard let service else { return [] }
        if service.spec?.type == "ExternalName" { return [service.spec?.externalName ?? ""].filter { !$0.isEmpty } }
        let balanced = (service.status?.loadBalancer?.ingress ?? []).compactMap { entry in
            [entry.ip, entry.hostname].compactMap(\.self).first { !$0.isEmpty }
        }
        return balanced + (service.spec?.externalIPs ?? [])
    }

    /// The external addresses of a Node.
    package static func addresses(ofNode node: JSONValue) -> [String] {
        (node["status", "addresses"]?.array ?? []).filter { $0["type"]?.string == "ExternalIP" }
            .compactMap { $0["address"]?.string }
    }

    /// As an Ingress' `status.loadBalancer.ingress`: each address once, IP addresses before names.
    package static func status(_ addresses: [String]) -> [JSONValue] {
        let unique = Set(addresses)
        let numbers = unique.filter { IPAddress($0) != nil }.sorted()
        let names = unique.subtracting(numbers).sorted()
        return numbers.map { ["ip": .string($0)] } + names.map { ["hostname": .string($0)] }
    }
}
