package import MeshTranslator
package import XDSServer

/// How much was computed, ever: what an edit costs is the difference of two.
package struct DiscoveryWork: Hashable, Sendable {
    /// Values of the mesh that were translated.
    package var translation = TranslationWork()
    /// What proxies see, computed anew.
    package var views = 0
    /// Whole plans: which resources there are for one class of proxies.
    package var plans = 0
    /// Plans of which a few services were planned anew.
    package var patches = 0
    /// Clusters, and endpoints of clusters, that were planned for calls to others.
    package var clusters = 0
    /// Listeners that were.
    package var listeners = 0
    /// Virtual hosts that were.
    package var virtualHosts = 0
    /// Resources that were encoded.
    package var encoded: [TypeURL: Int] = [:]

    package init() {}

    /// All resources that were encoded.
    package var encodedTotal: Int { encoded.values.reduce(0, +) }

    package static func - (later: DiscoveryWork, earlier: DiscoveryWork) -> DiscoveryWork {
        var work = DiscoveryWork()
        work.translation.services = later.translation.services - earlier.translation.services
        work.translation.endpoints = later.translation.endpoints - earlier.translation.endpoints
        work.translation.workloads = later.translation.workloads - earlier.translation.workloads
        work.translation.configuration = later.translation.configuration - earlier.translation.configuration
        work.views = later.views - earlier.views
        work.plans = later.plans - earlier.plans
        work.patches = later.patches - earlier.patches
        work.clusters = later.clusters - earlier.clusters
        work.listeners = later.listeners - earlier.listeners
        work.virtualHosts = later.virtualHosts - earlier.virtualHosts
        work.encoded = later.encoded.merging(earlier.encoded) { $0 - $1 }.filter { $0.value != 0 }
        return work
    }
}
