import EnvoyTranslator
import KubernetesModel
import MeshModel

/// What a difference of the mesh means to plans.
struct Impact {
    /// A set of plans that are to be made anew, whole.
    enum Reach: Hashable {
        case everything
        /// For calls to others.
        case calls
        /// The routes and listeners of calls to others.
        case routing
        /// Of the workloads that serve hosts: names, and patterns with a leading `*`.
        case servers(Set<String>)
        /// Of gateways.
        case gateways
        /// Of the workloads of a namespace, and perhaps for their calls to others.
        case namespace(String, includesCalls: Bool)
    }

    private(set) var reaches: Set<Reach> = []
    /// Services whose endpoints have changed.
    private(set) var endpoints: Set<ServiceKey> = []
    /// Of those, the ones that are served by others than before.
    private(set) var clusters: Set<ServiceKey> = []
    /// Host names, and patterns with a leading `*`, of services that are treated otherwise: their clusters and endpoints
    /// are to be made anew, and nothing else of calls.
    private(set) var treated: Set<String> = []
    /// Some of them may have fewer subsets, and so fewer clusters, than before.
    private(set) var losesSubsets = false
    /// Which plans a class consists of may have changed.
    private(set) var regroups: Bool

    init(_ difference: MeshDifference, from old: MeshSnapshot, to new: MeshSnapshot) {
        regroups = difference.settings
        if difference.settings { reaches.insert(.everything) }
        if !difference.services.isEmpty { reaches.insert(.calls) }
        // Where one workload's requests are counted, all others tell it what they are called.
        if difference.configuration.contains(where: { $0.groupKind.kind == "Telemetry" }),
            old.measuresTraffic != new.measuresTraffic
        {
            reaches.insert(.everything)
        }
        // Where one entry's hosts are preferred by place, plans are told apart by it that were one before, or the other way.
        if difference.configuration.contains(where: { $0.groupKind.kind == "ServiceEntry" }),
            old.placesNames != new.placesNames
        {
            reaches.insert(.calls)
            regroups = true
        }
        let rules = RuleEdits(old: old.configuration.destinationRules, new: new.configuration.destinationRules)
        let tellsClientsAlike = rules.tellClientsAlike
        for object in difference.configuration {
            if object.groupKind.kind == "DestinationRule", tellsClientsAlike,
                object.key.namespace != new.settings.rootNamespace, rules.areAboutClusters(of: object.key)
            {
                let hosts = Set([rules.old[object.key], rules.new[object.key]].compactMap { $0?.host })
                treated.formUnion(hosts)
                if !rules.keepSubsets(of: object.key) { losesSubsets = true }
                reaches.insert(.gateways)
                // Limits of connections hold for the service's own sidecars, too.
                reaches.insert(.servers(hosts))
                continue
            }
            guard let reach = object.reach(rootNamespace: new.settings.rootNamespace) else { continue }
            reaches.insert(reach)
            if reach.concernsCalls { regroups = true }
        }
        for key in difference.endpoints {
            // The endpoints of all others are part of clusters and listeners.
            if new.services[key.service]?.resolution != .endpoints { reaches.insert(.calls) }
            endpoints.insert(key.service)
            let (before, after) = (old.endpoints[key] ?? .empty, new.endpoints[key] ?? .empty)
            if before.identities != after.identities || before.isMutualTLS != after.isMutualTLS {
                clusters.insert(key.service)
            }
        }
    }

    /// Nothing can be told of what is to be made anew.
    var isOfEverything: Bool { reaches.contains(.everything) }
    /// Nothing but endpoints has changed, and who serves them.
    var isOfEndpoints: Bool { reaches.isEmpty && treated.isEmpty }
    var isEmpty: Bool { reaches.isEmpty && endpoints.isEmpty && treated.isEmpty }

    /// Whether a plan has to be made anew.
    func replans(_ key: PlanKey) -> Bool { reaches.contains { $0.includes(key) } }
}

extension Impact.Reach {
    fileprivate var concernsCalls: Bool {
        switch self {
        case .everything, .calls, .routing: true
        case .gateways, .servers: false
        case .namespace(_, let includesCalls): includesCalls
        }
    }

    fileprivate func includes(_ key: PlanKey) -> Bool {
        switch (self, key) {
        case (.everything, _): true
        case (.calls, .inbound), (.routing, .inbound), (.calls, .proxylessServer), (.routing, .proxylessServer): false
        // Where a Sidecar says what is in reach, VirtualServices bring what they send to along.
        case (.routing, .endpoints(let scope, _, _)), (.routing, .proxylessEndpoints(let scope, _, _)):
            scope.egress != .all || !scope.listeners.isEmpty
        case (.routing, .routerEndpoints): false
        case (.routing, _): true
        case (.calls, _): true
        case (.servers(let hosts), .inbound(let view)):
            view.inbound.contains { instance in
                hosts.contains { HostPattern.isSubset(instance.service.hostname, of: $0) }
            }
        case (.servers, _): false
        case (.gateways, .router), (.gateways, .routerEndpoints): true
        case (.gateways, _): false
        case (.namespace(let namespace, _), .inbound(let view)), (.namespace(let namespace, _), .router(let view)),
            (.namespace(let namespace, _), .proxylessServer(let view)):
            view.identity.namespace == namespace
        case (.namespace(let namespace, let includesCalls), .outbound(let traits)):
            includesCalls && traits.scope.namespace == namespace
        case (.namespace, .endpoints), (.namespace, .routerEndpoints), (.namespace, .proxyless),
            (.namespace, .proxylessEndpoints):
            false
        }
    }
}

extension ObjectReference {
    /// What a change of this object of configuration touches beyond services, workloads and views; nil: nothing.
    fileprivate func reach(rootNamespace: String) -> Impact.Reach? {
        let isRoot = key.namespace == rootNamespace
        return switch groupKind.kind {
        // They become services, endpoints and workloads, or decide what proxies see.
        case "ServiceEntry", "WorkloadEntry", "WorkloadGroup", "Sidecar": nil
        case "Gateway", "Ingress", "IngressClass": .gateways
        case "VirtualService": .routing
        case "AuthorizationPolicy", "RequestAuthentication":
            isRoot ? .everything : .namespace(key.namespace, includesCalls: false)
        case "EnvoyFilter", "WasmPlugin", "TrafficExtension", "Telemetry":
            isRoot ? .everything : .namespace(key.namespace, includesCalls: true)
        // DestinationRules limit also what the services' own sidecars take; PeerAuthentications decide about mutual TLS
        // on both sides.
        default: .everything
        }
    }
}

/// DestinationRules before and after a change.
private struct RuleEdits {
    var old: DestinationRules
    var new: DestinationRules

    /// Whether both look at the same properties of clients.
    var tellClientsAlike: Bool {
        old.clientLabelKeys == new.clientLabelKeys && old.endpointLabelKeys == new.endpointLabelKeys
            && old.seesPlaces == new.seesPlaces && old.seesNodes == new.seesNodes
    }

    /// Whether an edit of a rule can change nothing but clusters and endpoints: also the rules that it takes the place of,
    /// or gives it up to, must have a say in nothing else.
    func areAboutClusters(of key: ObjectKey) -> Bool {
        let hosts = [old[key], new[key]].compactMap { $0?.host }
        return [old, new].allSatisfy { rules in
            rules.all.values.allSatisfy { rule in
                rule.isAboutClusters || !hosts.contains { HostPattern.overlap($0, rule.host) }
            }
        }
    }

    /// Whether all subsets that there were are there still. A rule that comes or goes, or is seen by others, hides others
    /// with theirs, or shows them.
    func keepSubsets(of key: ObjectKey) -> Bool {
        guard let before = old[key], let after = new[key], before.host == after.host,
            before.visibility == after.visibility
        else { return false }
        return Set(after.subsets.map(\.name)).isSuperset(of: before.subsets.map(\.name))
    }
}

extension DestinationRule {
    /// Whether all that it says stands in clusters and endpoints: no route and no listener depends on it.
    var isAboutClusters: Bool {
        guard workloadSelector == nil else { return false }
        return policies.allSatisfy { policy in
            policy.loadBalancer?.consistentHash == nil && policy.tunnel == nil
                && policy.connectionPool?.tcpIdleTimeout == nil && policy.connectionPool?.maxConnectionDuration == nil
        }
    }
}
