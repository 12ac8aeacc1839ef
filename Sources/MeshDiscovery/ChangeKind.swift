import KubernetesModel
import MeshTranslator

/// A change of an object in the words of Istio's metrics.
struct ChangeKind: Hashable, Sendable {
    /// What is counted as an event of Kubernetes.
    struct Event: Hashable, Sendable {
        /// Of configuration, or of what the mesh is made of.
        var metric: String
        var type: String
        /// `add`, `update` or `delete`.
        var name: String
    }

    /// `config`, `eds`, `svc` or `svcdelete`.
    var update: String
    /// Why proxies may have to be sent something.
    var trigger: String
    /// Nil: it is no object of Kubernetes.
    var event: Event?

    /// - Parameter isNew: The object was not there before.
    init(_ change: ObjectChange, isNew: Bool) {
        func named(_ isThere: Bool) -> String { isThere ? (isNew ? "add" : "update") : "delete" }
        func registry(_ type: String, _ isThere: Bool) -> Event {
            Event(metric: "pilot_k8s_reg_events", type: type, name: named(isThere))
        }
        (update, trigger, event) = ("config", "config", nil)
        switch change {
        case .service(_, let object):
            (update, trigger) = (object == nil ? "svcdelete" : "svc", "service")
            event = registry("Services", object != nil)
        case .endpointSlice(_, let object):
            (update, trigger, event) = ("eds", "endpoint", registry("EndpointSlice", object != nil))
        case .endpoints(_, let object):
            (update, trigger, event) = ("eds", "endpoint", registry("Endpoints", object != nil))
        case .pod(_, let object): (update, trigger, event) = ("eds", "endpoint", registry("Pods", object != nil))
        case .node(_, let object): (update, trigger, event) = ("eds", "endpoint", registry("Nodes", object != nil))
        case .namespace(_, let object):
            (trigger, event) = ("namespace", registry("Namespaces", object != nil))
        case .configuration(let reference, let object):
            event = Event(
                metric: "pilot_k8s_cfg_events", type: reference.groupKind.kind, name: named(object != nil))
        case .meshConfig: trigger = "global"
        case .meshNetworks, .hostAddresses: trigger = "networks"
        case .remote(_, let inner?): self = ChangeKind(inner, isNew: isNew)
        case .remote(_, nil): trigger = "clusterupdate"
        case .keySet: break
        }
    }
}

extension ClusterObjects {
    /// Whether the object that changes is there.
    func has(_ change: ObjectChange) -> Bool {
        switch change {
        case .service(let key, _): services[key] != nil
        case .endpointSlice(let key, _): endpointSlices[key] != nil
        case .endpoints(let key, _): endpoints[key] != nil
        case .pod(let key, _): pods[key] != nil
        case .node(let name, _): nodes[name] != nil
        case .namespace(let name, _): namespaces[name] != nil
        case .configuration(let reference, _): configuration[reference] != nil
        case .remote(let id, let inner?): remotes[id]?.has(inner) ?? false
        case .meshConfig, .meshNetworks, .remote, .keySet, .hostAddresses: false
        }
    }
}
