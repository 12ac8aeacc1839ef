import MeshModel
import Synchronization

/// The trust domains of the mesh, as its settings name them now.
final class TrustDomainSettings: Sendable {
    private let state: Mutex<(own: String, all: [String])>

    init(_ trustDomain: String) { state = Mutex((trustDomain, [trustDomain])) }

    /// The one that identities are in.
    var own: String { state.withLock { $0.own } }

    /// That one, and those it was known by before.
    var all: [String] { state.withLock { $0.all } }

    /// Follows the mesh's settings.
    func follow(_ settings: MeshSettings) {
        state.withLock { $0 = (settings.trustDomain, [settings.trustDomain] + settings.trustDomainAliases) }
    }
}
