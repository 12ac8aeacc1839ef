package import KubernetesModel
package import MeshModel

/// What a proxy can see, and why.
package struct ProxyScope: Hashable, Sendable {
    package var view: ProxyView
    /// The Sidecar that counts for it; nil: none.
    package var sidecar: ObjectReference?

    package init(view: ProxyView, sidecar: ObjectReference? = nil) {
        self.view = view
        self.sidecar = sidecar
    }
}
