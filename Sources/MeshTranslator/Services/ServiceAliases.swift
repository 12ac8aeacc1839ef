import MeshModel

/// Which services are only other names of each service: those of type ExternalName whose host is itself a service,
/// directly or over further ones.
///
/// - Parameter names: The services of type ExternalName, among all.
func serviceAliases(
    _ names: some Sequence<ServiceKey>, among services: [ServiceKey: MeshService]
) -> [ServiceKey: [ServiceKey]] {
    var aliases: [ServiceKey: [ServiceKey]] = [:]
    for name in names {
        if let target = target(of: name, among: services) { aliases[target, default: []].append(name) }
    }
    return aliases.mapValues { $0.sorted() }
}

/// The service that a name stands for in the end; nil for a host outside the mesh, and for names that only stand for
/// each other.
private func target(of name: ServiceKey, among services: [ServiceKey: MeshService]) -> ServiceKey? {
    var seen: Set<String> = []
    var current = name
    while case .externalName(let hostname) = services[current]?.resolution {
        let next = ServiceKey(serviceHostname: hostname)
        guard seen.insert(hostname).inserted, services[next] != nil else { return nil }
        current = next
    }
    return current
}

extension ServiceKey {
    /// Of a Service, whose host name has the namespace as its second label.
    fileprivate init(serviceHostname hostname: String) {
        let labels = hostname.split(separator: ".", maxSplits: 2)
        self.init(hostname: hostname, namespace: labels.count > 1 ? String(labels[1]) : "")
    }
}
