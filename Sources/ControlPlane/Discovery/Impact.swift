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
    /// Which plans a class consists of may have changed.
    private(set) var regroups: Bool

    init(_ difference: MeshDifference, from old: MeshSnapshot, to new: MeshSnapshot) {
        regroups = difference.settings
        if difference.settings { reaches.insert(.everything) }
        if !difference.services.isEmpty { reaches.insert(.calls) }
        for object in difference.configuration {
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

    var isEmpty: Bool { reaches.isEmpty && endpoints.isEmpty }

    /// Whether a plan has to be made anew.
    func replans(_ key: PlanKey) -> Bool { reaches.contains { $0.includes(key) } }
}

extension Impact.Reach {
    fileprivate var concernsCalls: Bool {
        switch self {
        case .everything, .calls: true
        case .gateways: false
        case .namespace(_, let includesCalls): includesCalls
        }
    }

    fileprivate func includes(_ key: PlanKey) -> Bool {
        switch (self, key) {
        case (.everything, _): true
        case (.calls, .inbound): false
        case (.calls, _): true
        case (.gateways, .router), (.gateways, .routerEndpoints): true
        case (.gateways, _): false
        case (.namespace(let namespace, _), .inbound(let view)), (.namespace(let namespace, _), .router(let view)):
            view.identity.namespace == namespace
        case (.namespace(let namespace, let includesCalls), .outbound(let traits)):
            includesCalls && traits.scope.namespace == namespace
        case (.namespace, .endpoints), (.namespace, .routerEndpoints): false
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
        case "VirtualService": .calls
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
