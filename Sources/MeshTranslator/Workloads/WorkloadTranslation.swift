import KubernetesModel
package import MeshModel

/// What a Pod means to the mesh.
///
/// - Parameter node: The Pod's node; nil if it has none or nothing is known of it.
/// - Returns: Nil while it has no address, and once it has ended: its address may be another's by then.
package func workload(of pod: PodObject, on node: NodeObject?, in settings: MeshSettings) -> Workload? {
    let phase = pod.status?.phase
    let addresses = podAddresses(pod)
    guard !addresses.isEmpty, phase != "Succeeded", phase != "Failed" else { return nil }

    let meta = pod.metadata
    var workload = Workload(name: meta.name, namespace: meta.namespace, addresses: addresses, labels: meta.labels)
    workload.workloadName = meta.labels["service.istio.io/workload-name"] ?? ownerName(of: meta)
    workload.serviceAccount = pod.spec?.serviceAccountName ?? "default"
    workload.network =
        meta.labels["topology.istio.io/network"] ?? settings.networks.network(ofAddress: addresses[0])
        ?? settings.network
    workload.clusterID = settings.clusterID
    let own = meta.labels["topology.istio.io/locality"] ?? meta.labels["istio-locality"]
    workload.locality = own.map(Locality.init(parsing:)) ?? node.map(locality(of:)) ?? .unknown
    workload.node = pod.spec?.nodeName ?? ""
    workload.isReady = pod.status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false
    workload.namedPorts = namedPorts(of: pod)
    workload.isMutualTLS = meta.labels["security.istio.io/tlsMode"] == "istio"
    workload.usesHostNetwork = pod.spec?.hostNetwork ?? false
    workload.isBeingDeleted = meta.deletionTimestamp != nil
    return workload
}

private func podAddresses(_ pod: PodObject) -> [String] {
    let listed = (pod.status?.podIPs ?? []).compactMap(\.ip).filter { !$0.isEmpty }
    let primary = pod.status?.podIP ?? ""
    return listed.isEmpty ? [primary].filter { !$0.isEmpty } : listed
}

/// The first container with a port of a name decides. Init containers count if they keep running beside the others.
private func namedPorts(of pod: PodObject) -> [String: Int] {
    let sidecars = (pod.spec?.initContainers ?? []).filter { $0.restartPolicy == "Always" }
    var ports: [String: Int] = [:]
    for port in ((pod.spec?.containers ?? []) + sidecars).flatMap({ $0.ports ?? [] }) {
        guard let name = port.name, !name.isEmpty, ports[name] == nil, isPort(port.containerPort) else { continue }
        ports[name] = port.containerPort
    }
    return ports
}

/// What a Pod is an instance of: its owner, or the owner's owner where that is told by the owner's name.
private func ownerName(of meta: ObjectMeta) -> String {
    guard let owner = meta.ownerReferences.first(where: { $0.controller ?? false }) else { return meta.name }
    switch owner.kind {
    case "ReplicaSet":
        // Of a Deployment, which adds a hash to its own name.
        if let hash = meta.labels["pod-template-hash"], owner.name.hasSuffix("-\(hash)") {
            return String(owner.name.dropLast(hash.count + 1))
        }
    case "Job":
        // Of a CronJob, which adds the time to its own name, in minutes.
        if let dash = owner.name.lastIndex(of: "-") {
            let time = owner.name[owner.name.index(after: dash)...]
            let isTime = (8...10).contains(time.count) && time.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if isTime, dash != owner.name.startIndex { return String(owner.name[..<dash]) }
        }
    default: break
    }
    return owner.name
}
