package import DiscoveryServer
package import KubernetesModel
package import MeshModel
package import MeshTranslator
package import XDSServer

/// What people may look at while the control plane works: the engine conforms to it, debugging reads it.
///
/// Every answer is a value of one moment; asking changes nothing and costs no more than copying shared values.
package protocol DiscoveryState: Sendable {
    /// The streams of all ports, for who is connected and what each has acknowledged.
    var streams: DiscoveryStreams { get }

    /// The mesh as proxies are told of it now.
    func meshSnapshot() async -> MeshSnapshot

    /// The objects that configure the mesh, as they were read: never Secrets.
    func configurationObjects() async -> [ObjectReference: ConfigurationObject]

    /// Key `mesh` of the ConfigMap of mesh settings, in YAML, as it was read; nil without one.
    func meshConfiguration() async -> String?

    /// What is wrong with objects, by the object at fault.
    func diagnostics() async -> [ObjectReference: [Diagnostic]]

    /// How it stands with the other clusters of the mesh.
    func remoteClusters() async -> [ClusterStatus]

    /// All that one connected proxy is to have, by its node id; nil if no such proxy is connected here.
    func resources(ofProxy id: String) async -> ResourceCache?
}

extension DiscoveryState {
    /// None: a mesh is of one cluster unless more are known.
    package func remoteClusters() async -> [ClusterStatus] { [] }
}
