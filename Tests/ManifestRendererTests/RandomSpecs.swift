import KubernetesModel
import MeshTesting
import YAML

extension SeededGenerator {
    /// A spec over a profile with some of `settings`; most can be rendered, some contradict themselves.
    ///
    /// One with settings leaves out the definitions of kinds: they are large, and no setting changes them.
    mutating func spec(profile: String) -> JSONValue {
        var spec: JSONValue = ["profile": .string(profile)]
        for _ in 0..<Int.random(in: 0...8, using: &self) {
            guard let setting = settings.randomElement(using: &self) else { continue }
            spec.set(
                setting.values.randomElement(using: &self), at: setting.path.split(separator: ".").map(String.init))
            spec["values", "base", "enableIstioConfigCRDs"] = false
        }
        return spec
    }

    /// The value as YAML text, its maps in any order.
    mutating func yaml(_ value: JSONValue) -> String { yamlText(node(value)) }

    private mutating func node(_ value: JSONValue) -> YAMLNode {
        switch value {
        case .object(let fields):
            // Sorted first: the same seed is to give the same order.
            let order = fields.keys.sorted().shuffled(using: &self)
            return .mapping(order.map { ($0, node(fields[$0] ?? .null)) })
        case .array(let elements): return .sequence(elements.map { node($0) })
        default: return YAMLNode(value)
        }
    }

    /// The same value, its maps filled anew in any order and with room to spare, so that they iterate in another one.
    mutating func refilled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let fields):
            var refilled: [String: JSONValue] = [:]
            refilled.reserveCapacity(fields.count << Int.random(in: 0...5, using: &self))
            for key in fields.keys.sorted().shuffled(using: &self) {
                refilled[key] = self.refilled(fields[key] ?? .null)
            }
            return .object(refilled)
        case .array(let elements): return .array(elements.map { refilled($0) })
        default: return value
        }
    }

    /// The names of all fields in the order in which the maps hold them.
    static func fieldOrder(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let fields): fields.flatMap { [$0.key] + fieldOrder($0.value) }
        case .array(let elements): elements.flatMap(fieldOrder)
        default: []
        }
    }

    /// Two values that give this one when the second is laid over the first.
    mutating func halves(_ value: JSONValue) -> (JSONValue?, JSONValue?) {
        guard case .object(let fields) = value else {
            return Bool.random(using: &self) ? (value, .none) : (.none, value)
        }
        var (first, second): (JSONValue, JSONValue) = ([:], [:])
        for key in fields.keys.sorted() { (first[key], second[key]) = halves(fields[key] ?? .null) }
        return (first, second)
    }
}

private struct RandomSetting {
    /// From the spec, joined by dots.
    let path: String
    let values: [JSONValue]

    init(_ path: String, _ values: JSONValue...) {
        self.path = path
        self.values = values
    }
}

private let someEnvironment: JSONValue = ["ZED": "1", "A": "two", "PILOT_TRACE_SAMPLING": "3", "EMPTY": "", "B": true]
private let someLabels: JSONValue = ["z": "1", "a.example.com/x": "2", "app": "other", "m": "3", "k": "4", "c": "5"]
private let manyGateways: JSONValue = [
    ["name": "istio-ingressgateway", "enabled": true, "k8s": ["podAnnotations": someLabels]],
    ["name": "edge", "namespace": "edge", "enabled": true, "label": someLabels],
    ["name": "last", "enabled": true, "k8s": ["hpaSpec": ["minReplicas": 2, "maxReplicas": 4]]],
]

private let settings = [
    RandomSetting("revision", "canary", "1-29-0"),
    RandomSetting("hub", "registry.example.com/mesh"),
    RandomSetting("tag", "1.2", 7),
    RandomSetting("namespace", "mesh", "istio-system"),
    RandomSetting("compatibilityVersion", "1.26", "1.30"),
    RandomSetting("meshConfig.accessLogFile", "/dev/stdout"),
    RandomSetting("meshConfig.defaultConfig.proxyMetadata", someEnvironment),
    RandomSetting("meshConfig.defaultProviders", ["tracing": ["b", "a"], "metrics": [], "accessLogging": ["c"]]),
    RandomSetting("components.pilot.k8s.env", [["name": "Z", "value": "1"], ["name": "A", "value": "2"]]),
    RandomSetting("components.pilot.k8s.nodeSelector", someLabels),
    RandomSetting("components.pilot.k8s.podAnnotations", someLabels),
    RandomSetting("components.pilot.k8s.replicaCount", 1, 3),
    RandomSetting("components.pilot.k8s.hpaSpec", ["minReplicas": 2, "maxReplicas": 5]),
    RandomSetting("components.pilot.k8s.strategy", ["rollingUpdate": ["maxSurge": 1, "maxUnavailable": "25%"]]),
    RandomSetting("components.pilot.k8s.resources", ["limits": ["memory": "1Gi", "cpu": 2, "example.com/x": 1]]),
    RandomSetting("components.pilot.k8s.service.ports", [["name": "b", "port": 2], ["name": "a", "port": 1]]),
    RandomSetting(
        "components.pilot.k8s.overlays",
        [["kind": "Deployment", "name": "istiod", "patches": [["path": "metadata.annotations", "value": someLabels]]]]),
    RandomSetting("components.ingressGateways", manyGateways),
    RandomSetting("components.egressGateways", [["name": "istio-egressgateway", "enabled": true]]),
    RandomSetting("components.cni.k8s.tolerations", [["key": "b", "operator": "Exists"], ["key": "a"]]),
    RandomSetting("components.ztunnel.k8s.podAnnotations", someLabels),
    RandomSetting("values.global.platform", "gke", "k3d", "k3s", "microk8s", "minikube", "openshift"),
    RandomSetting("values.global.network", "east", "west"),
    RandomSetting("values.global.meshID", "mesh1"),
    RandomSetting("values.global.networkPolicy.enabled", true, false),
    RandomSetting("values.global.defaultNodeSelector", someLabels),
    RandomSetting("values.global.imagePullSecrets", ["b", "a"]),
    RandomSetting("values.global.remotePilotAddress", "192.0.2.1", "istiod.example.com"),
    RandomSetting("values.global.meshNetworks", ["z": ["endpoints": []], "a": ["gateways": []], "m": [:]]),
    RandomSetting("values.global.proxy.startupProbe.enabled", true, false),
    RandomSetting("values.pilot.autoscaleEnabled", true, false),
    RandomSetting("values.pilot.autoscaleMin", 1, 2, 9),
    RandomSetting("values.pilot.env", someEnvironment),
    RandomSetting("values.pilot.podLabels", someLabels),
    RandomSetting("values.pilot.podAnnotations", someLabels),
    RandomSetting("values.pilot.deploymentLabels", someLabels),
    RandomSetting("values.pilot.cni.enabled", true, false),
    RandomSetting("values.pilot.traceSampling", 0.5, 100),
    RandomSetting("values.cni.env", someEnvironment),
    RandomSetting("values.cni.excludeNamespaces", ["z", "a", "kube-system"]),
    RandomSetting("values.ztunnel", ["env": someEnvironment, "podLabels": someLabels]),
    RandomSetting("values.gateways.istio-ingressgateway.env", someEnvironment),
    RandomSetting("values.gateways.istio-ingressgateway.labels", someLabels),
    RandomSetting("values.gateways.istio-egressgateway.enabled", true),
    RandomSetting("values.apus.rbac", "istio", "derived"),
    RandomSetting("unvalidatedValues.pilot.env", someEnvironment),
]
