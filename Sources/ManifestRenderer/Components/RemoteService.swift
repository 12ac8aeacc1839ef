internal import KubernetesModel

/// What leads to a control plane in another cluster: a Service with that cluster's address behind it.
func remoteService(_ remote: RemoteControlPlane, _ install: Install) -> [UnstructuredObject] {
    guard !remote.address.isEmpty else { return [] }
    let name = remote.serviceName(besides: install.istiod)
    let metadata = Metadata(name: name, namespace: install.namespace, labels: applicationLabels("istiod"))
    let ports: JSONValue = [
        servicePort("tcp-istiod", 15012, target: 15012), servicePort("tcp-webhook", 443, target: 15017),
    ]
    guard let family = IPFamily(of: remote.address) else {
        let spec: JSONValue = ["type": "ExternalName", "externalName": .string(remote.address), "ports": ports]
        return [object(.services, metadata, ["spec": spec])]
    }
    let families = serviceFamilies(remote.ipFamilies, policy: remote.ipFamilyPolicy)
    return [
        object(.services, metadata, ["spec": families.merging(["ports": ports])]),
        remoteEndpoints(remote.address, family, metadata, install),
    ]
}

private func remoteEndpoints(
    _ address: String, _ family: IPFamily, _ service: Metadata, _ install: Install
) -> UnstructuredObject {
    var metadata = service
    metadata.labels["kubernetes.io/service-name"] = service.name
    metadata.labels["endpointslice.kubernetes.io/managed-by"] = "apus-operator"
    let ports: [JSONValue] = [
        ["name": "tcp-istiod", "port": 15012, "protocol": "TCP"],
        ["name": "tcp-webhook", "port": 15017, "protocol": "TCP"],
    ]
    return object(
        install.facts.endpointSlices, metadata,
        [
            "addressType": .string(family.rawValue), "ports": .array(ports),
            "endpoints": [["addresses": [.string(address)], "conditions": ["ready": true]]],
        ])
}

/// The family of an IP address, as Kubernetes names it.
private enum IPFamily: String {
    case v4 = "IPv4"
    case v6 = "IPv6"

    /// Nil if `text` is no IP address, but a host name.
    init?(of text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if text.contains(":") {
            self = .v6
        } else if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) {
            self = .v4
        } else {
            return nil
        }
    }
}
