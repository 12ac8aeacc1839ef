package import MeshModel
import Synchronization

/// The trust domains of the mesh, as its settings name them now.
package final class TrustDomainSettings: Sendable {
    private let state: Mutex<(own: String, all: [String])>

    /// - Parameter trustDomain: That counts until settings are followed.
    package init(_ trustDomain: String) { state = Mutex((trustDomain, [trustDomain])) }

    /// The one that identities are in.
    var own: String { state.withLock { $0.own } }

    /// That one, and those it was known by before.
    package var all: [String] { state.withLock { $0.all } }

    /// Follows the mesh's settings.
    package func follow(_ settings: MeshSettings) {
        state.withLock { $0 = (settings.trustDomain, [settings.trustDomain] + settings.trustDomainAliases) }
    }
}
