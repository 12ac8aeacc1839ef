package import DiscoveryServer
package import KubernetesModel
package import MeshDiscovery
package import MeshModel
package import MeshObservation
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

    /// What one connected proxy can see, by its node id; nil if no such proxy is connected here.
    func scope(ofProxy id: String) async -> ProxyScope?

    /// The kinds that configure the mesh, as they are served, as far as they are installed.
    func watchedResources() async -> [APIResource]

    /// What is kept in its encoded form.
    func keptResources() async -> [KeptResource]

    /// The templates that Pods are injected by, by name; nil: there are none.
    func injectionTemplates() async -> [String: String]?
}

extension DiscoveryState {
    /// None: a mesh is of one cluster unless more are known.
    package func remoteClusters() async -> [ClusterStatus] { [] }

    /// Nothing: who is made up has no engine.
    package func scope(ofProxy id: String) async -> ProxyScope? { nil }

    package func watchedResources() async -> [APIResource] { [] }

    package func keptResources() async -> [KeptResource] { [] }

    package func injectionTemplates() async -> [String: String]? { nil }
}
