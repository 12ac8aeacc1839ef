import KubernetesModel

/// Which services name a Pod or an address among their endpoints.
struct EndpointMentions: Sendable {
    /// The object that names them.
    enum Source: Hashable, Sendable {
        case slice(ObjectKey)
        case endpoints(ObjectKey)
    }

    private struct Entry {
        var service: ObjectKey
        var pods: Set<ObjectKey>
        var addresses: Set<String>
    }

    private var entries: [Source: Entry] = [:]
    private var ofService: [ObjectKey: Set<Source>] = [:]
    private var ofPod: [ObjectKey: Set<Source>] = [:]
    private var ofAddress: [String: Set<Source>] = [:]

    /// The slices of a service, in no order.
    func slices(of service: ObjectKey) -> [ObjectKey] {
        (ofService[service] ?? []).compactMap { if case .slice(let key) = $0 { key } else { nil } }
    }

    func services(naming pod: ObjectKey) -> Set<ObjectKey> { services(ofPod[pod]) }

    func services(naming address: String) -> Set<ObjectKey> { services(ofAddress[address]) }

    private func services(_ sources: Set<Source>?) -> Set<ObjectKey> {
        Set((sources ?? []).compactMap { entries[$0]?.service })
    }

    /// Does nothing for a source that belongs to no service.
    mutating func add(_ source: Source, _ service: ObjectKey?, _ named: [EndpointSource]) {
        guard let service else { return }
        let pods = named.compactMap { named -> ObjectKey? in
            guard let target = named.target, target.kind == "Pod", let name = target.name else { return nil }
            return ObjectKey(namespace: target.namespace ?? service.namespace, name: name)
        }
        let entry = Entry(service: service, pods: Set(pods), addresses: Set(named.map(\.address)))
        entries[source] = entry
        ofService[service, default: []].insert(source)
        for pod in entry.pods { ofPod[pod, default: []].insert(source) }
        for address in entry.addresses { ofAddress[address, default: []].insert(source) }
    }

    mutating func remove(_ source: Source) {
        guard let entry = entries.removeValue(forKey: source) else { return }
        Self.remove(source, from: &ofService, at: entry.service)
        for pod in entry.pods { Self.remove(source, from: &ofPod, at: pod) }
        for address in entry.addresses { Self.remove(source, from: &ofAddress, at: address) }
    }

    private static func remove<Key>(_ source: Source, from index: inout [Key: Set<Source>], at key: Key) {
        index[key]?.remove(source)
        if index[key]?.isEmpty ?? false { index[key] = nil }
    }
}
