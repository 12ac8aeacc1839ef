import KubernetesModel
import MeshTesting

/// Pods of all kinds, the same for the same seed.
struct RandomPods {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &generator)]
    }

    mutating func next() -> JSONValue {
        let count = Int.random(in: 1...3, using: &generator)
        var containers = (0..<count).map { container("c\($0)") }
        if chance(25) { containers.insert(ownProxy(), at: Int.random(in: 0...count, using: &generator)) }
        var spec: [String: JSONValue] = ["containers": .array(containers)]
        spec["volumes"] = [["name": "data", "emptyDir": [:]]]
        if chance(30) {
            var initContainer = container("i0")
            if chance(40) { initContainer["restartPolicy"] = "Always" }
            spec["initContainers"] = [initContainer]
        }
        if chance(20) { spec["imagePullSecrets"] = [["name": "own"]] }
        if chance(40) { spec["restartPolicy"] = .string(pick(["Never", "OnFailure", "Always"])) }
        if chance(20) { spec["securityContext"] = ["fsGroup": 7] }
        var metadata: [String: JSONValue] = ["name": "p"]
        metadata["annotations"] = .object(annotations())
        if chance(30) {
            metadata["generateName"] = "p-"
            metadata["ownerReferences"] = [
                ["apiVersion": "batch/v1", "kind": "Job", "name": "job", "controller": true, "uid": "1"]
            ]
        }
        if chance(70) { metadata["labels"] = ["app": "a", "version": .string(pick(["v1", "v2"]))] }
        return ["apiVersion": "v1", "kind": "Pod", "metadata": .object(metadata), "spec": .object(spec)]
    }

    private mutating func container(_ name: String) -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(name), "image": "i:1", "ports": [["name": "http", "containerPort": 80]],
            "volumeMounts": [["name": "data", "mountPath": "/data"]],
        ]
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where chance(40) {
            container[probe] = pick([
                ["httpGet": ["port": "http", "path": "/x"]], ["tcpSocket": ["port": 81]], ["grpc": ["port": 82]],
                ["exec": ["command": ["true"]]], ["httpGet": ["port": "nowhere"]],
            ])
        }
        if chance(20) { container["lifecycle"] = ["preStop": ["httpGet": ["port": 83]]] }
        if chance(30) { container["env"] = [["name": "A", "value": "1"]] }
        return .object(container)
    }

    private mutating func ownProxy() -> JSONValue {
        var proxy: [String: JSONValue] = ["name": "istio-proxy", "image": .string(pick(["auto", "own:1"]))]
        if chance(40) { proxy["securityContext"] = ["runAsUser": 1234, "runAsGroup": 4321] }
        if chance(40) { proxy["env"] = [["name": "CA_ADDR", "value": "own:1"], ["name": "OWN", "value": "2"]] }
        if chance(40) { proxy["volumeMounts"] = [["name": "data", "mountPath": "/own"]] }
        if chance(40) { proxy["args"] = ["own"] }
        return .object(proxy)
    }

    private mutating func annotations() -> [String: JSONValue] {
        let choices: [(String, [JSONValue])] = [
            ("sidecar.istio.io/interceptionMode", ["REDIRECT", "TPROXY", "NONE"]),
            ("sidecar.istio.io/nativeSidecar", ["true", "false"]), ("sidecar.istio.io/proxyCPU", ["10m"]),
            ("apm.datadoghq.com/env", [#"{"DD_ENV":"prod","B":"1"}"#]),
            ("sidecar.istio.io/proxyMemoryLimit", ["1Gi"]), ("status.sidecar.istio.io/port", ["15020", "0", "15099"]),
            ("sidecar.istio.io/rewriteAppHTTPProbers", ["true", "false"]),
            ("sidecar.istio.io/userVolume", [#"{"u":{"emptyDir":{}}}"#]),
            ("sidecar.istio.io/bootstrapOverride", ["boot"]), ("sidecar.istio.io/logLevel", ["debug"]),
            ("sidecar.istio.io/proxyImage", ["hub/own:3"]), ("sidecar.istio.io/proxyImageType", ["distroless"]),
            ("prometheus.io/port", ["9090", "15020"]), ("prometheus.io/scrape", ["true", "false"]),
            ("prometheus.istio.io/scrape-targets", ["80:/a,81:/b"]),
            ("proxy.istio.io/config", ["holdApplicationUntilProxyStarts: true", "proxyMetadata: {X: y}"]),
            ("traffic.sidecar.istio.io/excludeInboundPorts", ["22", ""]),
            ("traffic.sidecar.istio.io/includeOutboundPorts", ["443", ""]),
            ("traffic.sidecar.istio.io/excludeOutboundPorts", ["9042", ""]),
            ("traffic.sidecar.istio.io/excludeInterfaces", ["eth1", ""]),
            ("traffic.sidecar.istio.io/kubevirtInterfaces", ["net1"]),
            ("istio.io/reroute-virtual-interfaces", ["net2", ""]),
            ("sidecar.istio.io/capNetBindService", ["true", "false"]),
            ("sidecar.istio.io/enableCoreDump", ["true", "false"]),
            ("k8s.v1.cni.cncf.io/networks", ["apple", "apple, default/istio-cni"]),
            ("inject.istio.io/templates", ["sidecar", "gateway", "grpc-agent", "grpc-simple"]),
        ]
        var annotations: [String: JSONValue] = [:]
        for (name, values) in choices where chance(15) { annotations[name] = pick(values) }
        if annotations["sidecar.istio.io/userVolume"] != nil, chance(60) {
            annotations["sidecar.istio.io/userVolumeMount"] = #"{"u":{"mountPath":"/u"}}"#
        }
        return annotations
    }
}
