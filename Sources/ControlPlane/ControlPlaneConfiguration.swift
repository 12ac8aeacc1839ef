package import ControllerRuntime

/// How one replica of the control plane runs.
package struct ControlPlaneConfiguration: Hashable, Sendable {
    /// Where it runs and keeps its Secrets and Leases.
    package var namespace: String
    /// Unique among replicas: the Pod's name.
    package var identity: String
    /// `default` for the unnamed one.
    package var revision = "default"
    /// The mesh's SPIFFE trust domain.
    package var trustDomain = "cluster.local"
    package var leaseTiming = LeaseTiming.standard

    package init(namespace: String, identity: String) {
        self.namespace = namespace
        self.identity = identity
    }
}
