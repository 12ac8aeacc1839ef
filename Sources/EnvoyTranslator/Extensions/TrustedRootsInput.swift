import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// The roots that workloads trust besides those of the mesh's own authority: agents that follow their proxy's settings
/// are told.
package struct TrustedRootsInput: Hashable, Sendable {
    /// By which clients know it that ask for resources by name.
    package static let name = "default"

    /// Each as PEM.
    package var roots: [String]

    package init(roots: [String]) { self.roots = roots }
}

extension MeshSnapshot {
    /// What agents are told of roots; none, if there is nothing to be told.
    var trustedRoots: [ResourceInput] {
        settings.trustedRoots.isEmpty ? [] : [.trustedRoots(TrustedRootsInput(roots: settings.trustedRoots))]
    }
}

func trustedRoots(_ input: TrustedRootsInput) -> Istio_Mesh_V1alpha1_ProxyConfig {
    .with { $0.caCertificatesPem = input.roots }
}
