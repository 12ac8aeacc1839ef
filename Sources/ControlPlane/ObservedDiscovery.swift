import DebugPages
import DiscoveryServer
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshObservation
import MeshTranslator
import XDSServer

/// What people may look at of a control plane that serves.
struct ObservedDiscovery: DiscoveryState {
    let streams: DiscoveryStreams
    let discovery: MeshDiscovery
    let remotes: RemoteClusters
    let observer: MeshObserver
    let webhooks: MeshWebhooks

    func remoteClusters() async -> [ClusterStatus] { remotes.statuses }

    func meshSnapshot() async -> MeshSnapshot { await discovery.snapshot }

    func configurationObjects() async -> [ObjectReference: ConfigurationObject] {
        await discovery.objects.configuration
    }

    func meshConfiguration() async -> String? { await discovery.objects.meshConfig }

    func diagnostics() async -> [ObjectReference: [Diagnostic]] { await discovery.diagnostics }

    func resources(ofProxy id: String) async -> ResourceCache? { await discovery.resources(ofProxy: id) }

    func scope(ofProxy id: String) async -> ProxyScope? { await discovery.scope(ofProxy: id) }

    func watchedResources() async -> [APIResource] { observer.installedResources }

    func keptResources() async -> [KeptResource] { await discovery.keptResources }

    func injectionTemplates() async -> [String: String]? { webhooks.templates }
}
