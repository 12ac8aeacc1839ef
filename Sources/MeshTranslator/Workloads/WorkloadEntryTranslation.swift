import IstioAPI
import KubernetesModel
import MeshModel

/// A WorkloadEntry.
func workloadEntry(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<WorkloadEntry?> {
    var reading = SpecReading(object, .workloadEntrySpec)
    let meta = object.metadata
    var entry = reading.workloadEntry(object.spec, named: meta.name, namespace: meta.namespace, at: "spec")
    if entry.address.isEmpty, entry.network.isEmpty {
        reading.report("spec.address", "is required, unless network says which gateway leads to the workload")
    } else if !entry.address.isEmpty, !entry.address.hasPrefix("unix://"), IPAddress(entry.address) == nil,
        !isHostName(entry.address)
    {
        reading.report("spec.address", "is \"\(entry.address)\", and must be an IP address or a host name")
    }
    // What the object itself is labelled with counts first.
    entry.labels.merge(meta.labels) { _, own in own }
    if entry.network.isEmpty { entry.network = entry.labels["topology.istio.io/network"] ?? "" }
    if entry.locality.isUnknown, let label = meta.labels["topology.istio.io/locality"] {
        entry.locality = Locality(parsing: label)
    }
    entry.clusterID = settings.clusterID
    entry.isHealthy = isHealthy(object)
    return reading.translated(entry)
}

/// An entry whose agent probes its workload is unhealthy until the status says otherwise.
private func isHealthy(_ object: ConfigurationObject) -> Bool {
    let isProbed = object.metadata.annotations["proxy.istio.io/health-checks-enabled"]
    guard ["true", "1", "t"].contains(isProbed?.lowercased()) else { return true }
    return (object.status["conditions"]?.array ?? []).contains {
        $0["type"]?.string == "Healthy" && $0["status"]?.string == "True"
    }
}

/// A WorkloadGroup.
func workloadGroup(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<WorkloadGroup?> {
    var reading = SpecReading(object, .workloadGroupSpec)
    let spec = object.spec
    var template = reading.workloadEntry(
        spec["template"] ?? .object([:]), named: object.metadata.name, namespace: object.metadata.namespace,
        at: "spec.template")
    if !template.address.isEmpty {
        reading.report(.warning, "spec.template.address", "has no effect: each workload has an address of its own")
        template.address = ""
    }
    template.clusterID = settings.clusterID
    return reading.translated(
        WorkloadGroup(
            origin: object.origin, labels: (spec["metadata", "labels"] ?? .null).stringMap,
            annotations: (spec["metadata", "annotations"] ?? .null).stringMap, template: template,
            hasProbe: spec["probe"]?.object.map { !$0.isEmpty } ?? false))
}

extension Workload {
    /// A machine that a WorkloadEntry describes; nil for one without an IP address, which nobody can be told by.
    init?(_ entry: WorkloadEntry, in settings: MeshSettings) {
        guard IPAddress(entry.address) != nil else { return nil }
        self.init(name: entry.name, namespace: entry.namespace, addresses: [entry.address], labels: entry.labels)
        if !entry.serviceAccount.isEmpty { serviceAccount = entry.serviceAccount }
        network = entry.network
        clusterID = entry.clusterID
        locality = entry.locality
        isReady = entry.isHealthy
        namedPorts = entry.ports
        isMutualTLS = entry.isMutualTLS
        origin = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "WorkloadEntry"),
            ObjectKey(namespace: entry.namespace, name: entry.name))
    }
}
