import Dataflow
import KubernetesModel
import MeshModel

/// Which ServiceEntries, WorkloadEntries and Services have to do with each other.
struct EntryIndex: Sendable {
    /// Kubernetes' Service of a host.
    var services: [ServiceKey: ObjectKey] = [:]
    /// ServiceEntries by the hosts that they define.
    private(set) var definitions = Index<ServiceKey, ObjectKey>()
    /// Those that count, where several define a host.
    var counting: [ServiceKey: [ObjectKey]] = [:]
    /// ServiceEntries that select workloads, by namespace: what they select, and their hosts.
    private var selectors: [String: [ObjectKey: Selector]] = [:]
    /// Services that select workloads, by namespace.
    private var serviceSelectors: [String: [ObjectKey: Selector]] = [:]
    /// WorkloadEntries, by namespace and by address.
    private(set) var workloads = Index<String, ObjectKey>()
    private var atAddress = Index<String, ObjectKey>()

    private struct Selector {
        var labels: [String: String]
        var hosts: Set<ServiceKey>
    }

    /// Whether any ServiceEntry selects workloads.
    var selectsWorkloads: Bool { !selectors.isEmpty }

    /// Hosts of ServiceEntries that select a workload.
    func hosts(selecting labels: [String: String], in namespace: String) -> Set<ServiceKey> {
        Self.hosts(of: selectors[namespace], selecting: labels)
    }

    /// Services that select a workload.
    func services(selecting labels: [String: String], in namespace: String) -> Set<ServiceKey> {
        Self.hosts(of: serviceSelectors[namespace], selecting: labels)
    }

    private static func hosts(
        of selectors: [ObjectKey: Selector]?, selecting labels: [String: String]
    ) -> Set<ServiceKey> {
        (selectors ?? [:]).values.reduce(into: []) { hosts, selector in
            if selector.labels.allSatisfy({ labels[$0.key] == $0.value }) { hosts.formUnion(selector.hosts) }
        }
    }

    /// The machine at an address; the first by name where several entries have it.
    func workload(at address: String, in snapshot: MeshSnapshot) -> Workload? {
        atAddress[address].min().flatMap { snapshot.configuration.workloadEntries[$0] }
            .flatMap { Workload($0, in: snapshot.settings) }
    }

    mutating func note(service key: ObjectKey, _ service: MeshService?) {
        let selector = service.flatMap { service in
            service.isExternalName || service.selector.isEmpty
                ? nil : Selector(labels: service.selector, hosts: [service.key])
        }
        serviceSelectors[key.namespace, default: [:]][key] = selector
        if serviceSelectors[key.namespace]?.isEmpty ?? false { serviceSelectors[key.namespace] = nil }
    }

    mutating func add(_ entry: ServiceEntry, at key: ObjectKey) {
        for host in entry.keys { definitions.insert(key, at: host) }
        guard let labels = entry.workloadSelector, !labels.isEmpty else { return }
        selectors[key.namespace, default: [:]][key] = Selector(labels: labels, hosts: entry.keys)
    }

    mutating func remove(_ entry: ServiceEntry, at key: ObjectKey) {
        for host in entry.keys { definitions.remove(key, at: host) }
        selectors[key.namespace]?[key] = nil
        if selectors[key.namespace]?.isEmpty ?? false { selectors[key.namespace] = nil }
    }

    mutating func add(_ entry: WorkloadEntry, at key: ObjectKey) {
        workloads.insert(key, at: key.namespace)
        atAddress.insert(key, at: entry.address)
    }

    mutating func remove(_ entry: WorkloadEntry, at key: ObjectKey) {
        workloads.remove(key, at: key.namespace)
        atAddress.remove(key, at: entry.address)
    }
}

extension ServiceEntry {
    /// The names of its services.
    var keys: Set<ServiceKey> {
        Set(hosts.map { ServiceKey(hostname: $0, namespace: origin.namespace) })
    }
}

/// What an object describes that others are made from.
enum DescribedEntry {
    case services(ServiceEntry)
    case workload(WorkloadEntry)
}

extension MeshConfiguration {
    /// What an object describes; nil for objects of all other kinds, and for none.
    func described(by reference: ObjectReference) -> DescribedEntry? {
        guard reference.groupKind.group == "networking.istio.io" else { return nil }
        switch reference.groupKind.kind {
        case "ServiceEntry": return serviceEntries[reference.key].map { .services($0) }
        case "WorkloadEntry": return workloadEntries[reference.key].map { .workload($0) }
        default: return nil
        }
    }
}
