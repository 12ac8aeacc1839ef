import KubernetesModel
import MeshModel

extension MeshFiles {
    /// The proxy of a Pod in the files or, if there is none, of a workload of that name, or else of a Pod about which
    /// nothing more is known.
    func proxy(_ name: ProxyName) -> (proxy: Proxy, note: String?) {
        if let pod = document(of: .pod(name.key))?.object { return (proxy(of: pod), nil) }
        if let workload = documents.first(where: { $0.isWorkload(name.key) }) {
            let pod = UnstructuredObject.pod(of: workload.object, named: name.key.name)
            return (proxy(of: pod), "there is no Pod \(name.key): the one that \(workload.subject) makes is meant")
        }
        let pod = UnstructuredObject([
            "metadata": ["name": .string(name.key.name), "namespace": .string(name.key.namespace)]
        ])
        return (proxy(of: pod), "there is no Pod \(name.key) in the files: one without labels is meant")
    }

    private func proxy(of pod: UnstructuredObject) -> Proxy {
        let namespace = pod.namespace.isEmpty ? "default" : pod.namespace
        let listed = (pod.json["status", "podIPs"]?.array ?? []).compactMap { $0["ip"]?.string }
        let primary = pod.json["status", "podIP"]?.string.map { [$0] } ?? []
        let known = listed.isEmpty ? primary : listed
        var proxy = Proxy(
            kind: pod.runsRouter ? .router : .sidecar, name: pod.name, namespace: namespace,
            addresses: known.isEmpty ? [addressOfNobody] : known, labels: pod.labels)
        proxy.dnsDomain = "\(namespace).svc.\(snapshot.settings.clusterDomain)"
        proxy.serviceAccount = pod.json["spec", "serviceAccountName"]?.string ?? "default"
        proxy.clusterID = snapshot.settings.clusterID
        proxy.network = pod.labels["topology.istio.io/network"] ?? snapshot.settings.network
        proxy.node = pod.json["spec", "nodeName"]?.string ?? ""
        if let workload = proxy.addresses.lazy.compactMap({ snapshot.workloads[$0] }).first {
            proxy.workloadName = workload.workloadName
            proxy.locality = workload.locality
        }
        proxy.id = "\(proxy.kind.rawValue)~\(proxy.addresses[0])~\(pod.name).\(namespace)~\(proxy.dnsDomain)"
        return proxy
    }
}

/// Of a range for tests between networks, which no Pod has.
private let addressOfNobody = "198.18.0.1"

extension ObjectReference {
    fileprivate static func pod(_ key: ObjectKey) -> ObjectReference {
        ObjectReference(GroupKind(group: "", kind: "Pod"), key)
    }
}

extension InputDocument {
    /// Whether it makes Pods, and has this key.
    fileprivate func isWorkload(_ key: ObjectKey) -> Bool {
        object.makesPods && meshReference.key == key
    }
}

extension UnstructuredObject {
    var makesPods: Bool {
        ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"].contains(kind)
            && ["apps", "batch"].contains(groupVersionKind.group)
    }

    /// A Pod that a workload makes.
    static func pod(of workload: UnstructuredObject, named name: String) -> UnstructuredObject {
        let template = workload.json["spec", "template"] ?? .object([:])
        var pod = UnstructuredObject([
            "apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"] ?? .object([:]),
            "spec": template["spec"] ?? .object([:]),
        ])
        pod.json["metadata", "name"] = .string(name)
        pod.json["metadata", "namespace"] = .string(workload.namespace.isEmpty ? "default" : workload.namespace)
        return pod
    }

    /// Whether its proxy is a gateway's: its arguments say so, or it is to be injected as one.
    fileprivate var runsRouter: Bool {
        if json["metadata", "annotations", "inject.istio.io/templates"]?.string == "gateway" { return true }
        let containers = json["spec", "containers"]?.array ?? []
        let arguments = containers.first { $0["name"] == "istio-proxy" }?["args"]?.array ?? []
        return arguments.contains("router")
    }
}
