import MeshModel

/// Fills in which services are only other names of others: those of type ExternalName whose host is itself a service,
/// directly or over further ones.
func withAliases(_ services: [ServiceKey: MeshService]) -> [ServiceKey: MeshService] {
    let names = services.values.filter(\.isExternalName)
    guard !names.isEmpty else { return services }
    var byHostname: [String: MeshService] = [:]
    for service in services.values.sorted(by: MeshService.isOlder) where byHostname[service.hostname] == nil {
        byHostname[service.hostname] = service
    }
    var aliases: [ServiceKey: [ServiceKey]] = [:]
    for name in names {
        if let target = target(of: name, among: byHostname) { aliases[target, default: []].append(name.key) }
    }
    return services.merging(
        aliases.compactMap { target, names in
            guard var service = services[target] else { return nil }
            service.aliases = names.sorted()
            return (target, service)
        }, uniquingKeysWith: { $1 })
}

/// The service that a name stands for in the end; nil for a host outside the mesh, and for names that only stand for
/// each other.
private func target(of name: MeshService, among services: [String: MeshService]) -> ServiceKey? {
    var seen: Set<String> = []
    var current = name
    while case .externalName(let hostname) = current.resolution {
        guard seen.insert(hostname).inserted, let next = services[hostname] else { return nil }
        current = next
    }
    return current.key
}
