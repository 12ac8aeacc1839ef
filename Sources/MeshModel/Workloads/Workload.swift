package import KubernetesModel

/// What runs at one or more addresses: a Pod, or a machine that a WorkloadEntry describes.
package struct Workload: Hashable, Sendable {
    /// Of the Pod or the WorkloadEntry.
    package var name: String
    package var namespace: String
    /// What it is an instance of, such as the name of its Deployment.
    package var workloadName: String
    /// IPv4 and IPv6, the primary one first.
    package var addresses: [String]
    package var labels: [String: String]
    package var serviceAccount: String
    /// Which network it is in; empty for the one network of a mesh that has no names for them.
    package var network: String
    package var clusterID: String
    package var locality: Locality
    /// The name of its node; empty if it has none.
    package var node: String
    package var isReady: Bool
    /// The container's ports that have names.
    package var namedPorts: [String: Int]
    /// A proxy ends mutual TLS for it.
    package var isMutualTLS: Bool
    /// It shares the addresses of its node, and thus is not told by them.
    package var usesHostNetwork: Bool
    package var isBeingDeleted: Bool
    /// The object that describes it.
    package var origin: ObjectReference

    package init(name: String, namespace: String, addresses: [String], labels: [String: String] = [:]) {
        self.name = name
        self.namespace = namespace
        workloadName = name
        self.addresses = addresses
        self.labels = labels
        serviceAccount = "default"
        network = ""
        clusterID = ""
        locality = .unknown
        node = ""
        isReady = true
        namedPorts = [:]
        isMutualTLS = false
        usesHostNetwork = false
        isBeingDeleted = false
        origin = ObjectReference(GroupKind(group: "", kind: "Pod"), ObjectKey(namespace: namespace, name: name))
    }

    package var identity: WorkloadIdentity {
        WorkloadIdentity(namespace: namespace, serviceAccount: serviceAccount)
    }

    /// The name it is called by in telemetry, whatever its services are called.
    package var canonicalName: String { CanonicalService.name(labels: labels, workloadName: workloadName) }

    /// Its version in telemetry.
    package var canonicalRevision: String { CanonicalService.revision(labels: labels) }
}
