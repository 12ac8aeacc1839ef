import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// What EnvoyFilters change of what a proxy starts with.
///
/// Agents ask for it before they start their proxy, and merge it into the bootstrap that they have written. It is there
/// also if it is empty: that nothing is to be changed is an answer.
package struct BootstrapInput: Hashable, Sendable {
    /// By which clients know it that ask for resources by name.
    package static let name = "bootstrap"

    /// In the order in which they are applied.
    package var patches: [EnvoyPatch]

    package init(patches: [EnvoyPatch] = []) {
        self.patches = patches
    }
}

extension ProxyView {
    /// What EnvoyFilters change of what proxies with this view start with.
    func bootstrap(in snapshot: MeshSnapshot) -> ResourceInput {
        .bootstrap(
            BootstrapInput(
                patches: snapshot.configuration.bootstrapPatches(
                    for: self, rootNamespace: snapshot.settings.rootNamespace)))
    }
}

/// The part of a bootstrap that patches say, and nothing else. Who a proxy is, its agent alone knows.
func bootstrap(_ input: BootstrapInput) -> Envoy_Config_Bootstrap_V3_Bootstrap {
    var bootstrap = Envoy_Config_Bootstrap_V3_Bootstrap()
    for patch in input.patches { bootstrap.merge(patch) }
    if bootstrap.hasNode { bootstrap.node.id = "" }
    return bootstrap
}
