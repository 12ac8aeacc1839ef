import KubernetesModel
import MeshModel
import YAML

/// Files from which what only a cluster adds is missing: Pods of workloads, their addresses, and endpoints.
///
/// Each workload without a Pod is given one with a proxy, each Pod and Service without an address one of a range that
/// no cluster uses, and each Service without endpoints those of the Pods that it selects.
struct WorkloadsOfFiles {
    private(set) var input: InputDocuments
    private var usedAddresses = 0

    init(_ input: InputDocuments) {
        self.input = input
        addPods()
        addServiceAddresses()
        addAddresses()
        addEndpoints()
    }

    var mesh: MeshFiles { MeshFiles(input) }

    private var pods: [UnstructuredObject] { objects("Pod") }

    private func objects(_ kinds: String...) -> [UnstructuredObject] {
        input.documents.map(\.object).filter { kinds.contains($0.kind) }
    }

    private mutating func addPods() {
        let known = pods
        for workload in input.documents.map(\.object) where workload.makesPods {
            let pod = UnstructuredObject.pod(of: workload, named: workload.name)
            let hasPod = known.contains { $0.isIn(pod) && pod.labels.isContained(in: $0.labels) }
            if !hasPod, workload.json["spec", "replicas"] != 0 { add(pod) }
        }
    }

    private mutating func addAddresses() {
        for index in input.documents.indices {
            let pod = input.documents[index].object
            guard pod.kind == "Pod", pod.json["status", "podIP"] == nil else { continue }
            usedAddresses += 1
            let address = "198.18.\(usedAddresses / 250).\(usedAddresses % 250 + 1)"
            input.documents[index].object.json["status"] = [
                "phase": "Running", "podIP": .string(address), "podIPs": [["ip": .string(address)]],
                "conditions": [["type": "Ready", "status": "True"]],
            ]
            if pod.labels["sidecar.istio.io/inject"] != "false" {
                input.documents[index].object.json["metadata", "labels", "security.istio.io/tlsMode"] = "istio"
            }
        }
    }

    private mutating func addServiceAddresses() {
        var used = 0
        for index in input.documents.indices {
            let service = input.documents[index].object
            guard service.kind == "Service", service.json["spec", "clusterIP"] == nil,
                service.json["spec", "type"] != "ExternalName"
            else { continue }
            used += 1
            input.documents[index].object.json["spec", "clusterIP"] = .string("198.19.\(used / 250).\(used % 250 + 1)")
        }
    }

    private mutating func addEndpoints() {
        let served = Set(
            objects("EndpointSlice").compactMap { slice in
                slice.labels["kubernetes.io/service-name"].map { slice.namespaceOrDefault + "/" + $0 }
            } + objects("Endpoints").map { $0.namespaceOrDefault + "/" + $0.name })
        for service in objects("Service") where !served.contains(service.namespaceOrDefault + "/" + service.name) {
            let selector = (service.json["spec", "selector"]?.object ?? [:]).compactMapValues(\.string)
            guard !selector.isEmpty else { continue }
            let selected = pods.filter { $0.isIn(service) && selector.isContained(in: $0.labels) }
            for (index, pod) in selected.enumerated() { add(service.endpointSlice(of: pod, number: index)) }
        }
    }

    private mutating func add(_ object: UnstructuredObject) {
        input.documents.append(
            InputDocument(file: "(made up)", number: nil, node: YAMLNode(object.json), object: object))
    }
}

extension UnstructuredObject {
    fileprivate var namespaceOrDefault: String { namespace.isEmpty ? "default" : namespace }

    fileprivate func isIn(_ other: UnstructuredObject) -> Bool { namespaceOrDefault == other.namespaceOrDefault }

    /// Where a Pod serves this Service.
    fileprivate func endpointSlice(of pod: UnstructuredObject, number: Int) -> UnstructuredObject {
        let ports = (json["spec", "ports"]?.array ?? []).compactMap { port -> JSONValue? in
            let target = port["targetPort"] ?? port["port"] ?? .null
            guard let number = target.integer ?? target.string.flatMap(pod.containerPort) else { return .none }
            return [
                "name": port["name"] ?? "", "port": .integer(number), "protocol": port["protocol"] ?? "TCP",
            ]
        }
        return UnstructuredObject([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": [
                "name": .string("\(name)-\(number)"), "namespace": .string(namespaceOrDefault),
                "labels": ["kubernetes.io/service-name": .string(name)],
            ],
            "ports": .array(ports),
            "endpoints": [
                [
                    "addresses": [pod.json["status", "podIP"] ?? ""], "conditions": ["ready": true],
                    "targetRef": [
                        "kind": "Pod", "name": .string(pod.name), "namespace": .string(pod.namespaceOrDefault),
                    ],
                ]
            ],
        ])
    }

    /// The number of a container's port with a name.
    fileprivate func containerPort(named name: String) -> Int64? {
        let ports = (json["spec", "containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
        return ports.first { $0["name"]?.string == name }?["containerPort"]?.integer
    }
}

extension [String: String] {
    fileprivate func isContained(in others: [String: String]) -> Bool { allSatisfy { others[$0.key] == $0.value } }
}
