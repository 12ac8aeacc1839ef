import MeshModel

/// What configuration says to clients of one namespace and not to those of others.
struct NamespaceRules {
    /// VirtualServices that clients of a namespace alone apply, or apply in another way.
    private(set) var virtualServices: [String: [VirtualService]] = [:]
    /// Hosts, and patterns of them, of DestinationRules that count for clients of a namespace alone.
    private(set) var treated: [String: Set<String>] = [:]
    /// Some DestinationRule says more than stands in clusters and endpoints.
    private(set) var treatmentIsRouted = false
    /// Hosts that VirtualServices send to.
    private(set) var byDestination: [String: [VirtualService]] = [:]
    /// VirtualServices of sidecars by the hosts that they are about, with their delegates' rules.
    private(set) var byHost: [String: [VirtualService]] = [:]
    /// Some VirtualService is about all hosts of a pattern.
    private(set) var hasPatterns = false

    init(_ configuration: MeshConfiguration) {
        let all = configuration.virtualServices.all
        for service in configuration.virtualServices.applied(by: VirtualService.mesh) {
            let service = service.delegated(among: all)
            for namespace in service.visibility.namespaces.union(service.clientNamespaces) {
                virtualServices[namespace, default: []].append(service)
            }
            for host in Set(service.hosts) {
                byHost[host, default: []].append(service)
                if host.hasPrefix("*") { hasPatterns = true }
            }
            for host in Set(service.destinations.map(\.host)) { byDestination[host, default: []].append(service) }
        }
        for rule in configuration.destinationRules.all.values {
            for namespace in rule.visibility.namespaces.union([rule.origin.namespace]) {
                treated[namespace, default: []].insert(rule.host)
            }
            if !rule.isAboutClusters { treatmentIsRouted = true }
        }
    }
}

extension VirtualService {
    /// Namespaces of clients that its rules name.
    fileprivate var clientNamespaces: Set<String> {
        let clients = http.flatMap { $0.matches.map(\.client) } + (tls + tcp).flatMap { $0.matches.map(\.client) }
        return Set(clients.compactMap(\.namespace))
    }
}

/// What clients of a namespace have otherwise than clients of none.
struct NamespaceDifference {
    /// Names of which they have clusters and endpoints of their own.
    var hosts: Set<String>
    /// Ports of which they have listeners and routes of their own.
    var ports: Set<Int>
    /// They see other services.
    var seesOthers: Bool

    init(_ namespace: String, _ rules: NamespaceRules, _ index: ServiceIndex, in snapshot: MeshSnapshot) {
        let peculiar = index.peculiarHosts(in: namespace, of: snapshot)
        let treated = rules.treated[namespace].map(index.hosts) ?? []
        seesOthers = !peculiar.isEmpty
        hosts = peculiar.union(treated)
        let routed = rules.treatmentIsRouted ? index.related(hosts, in: snapshot) : peculiar
        ports = index.ports(ofHosts: routed, in: snapshot)
        let services = (rules.virtualServices[namespace] ?? []) + routed.flatMap { rules.byDestination[$0] ?? [] }
        for service in services { ports.formUnion(index.ports(routedFor: service.hosts, in: snapshot)) }
    }
}
