package import IstioAPI
package import KubernetesModel

/// Everything that can change what is rendered. It is the whole input and so the memo key.
package struct RenderInput: Hashable, Sendable {
    /// Name of the IstioOperator that asks; its objects carry it in their owner labels.
    package var owner: ObjectKey
    package var spec: IstioOperatorSpec
    package var facts: ClusterFacts

    package init(owner: ObjectKey, spec: IstioOperatorSpec, facts: ClusterFacts) {
        self.owner = owner
        self.spec = spec
        self.facts = facts
    }
}

/// What a cluster can do, as far as rendering depends on it. Read from its discovery documents.
package struct ClusterFacts: Hashable, Sendable {
    /// The minor version of Kubernetes, such as 20 for 1.20.2.
    package var kubernetesMinor: Int
    /// The kinds it serves, each in every served version.
    package var served: Set<GroupVersionKind>

    package init(kubernetesMinor: Int, served: Set<GroupVersionKind>) {
        self.kubernetesMinor = kubernetesMinor
        self.served = served
    }
}

/// Parts of an install that are applied and awaited one after the other.
package enum Component: String, Hashable, Sendable, CaseIterable {
    case base = "Base"
    case pilot = "Pilot"
    case ingressGateways = "IngressGateways"
    case egressGateways = "EgressGateways"
}

/// What has to be true before an object may be applied.
package enum Gate: Hashable, Sendable {
    /// The control plane's webhook server answers: until then a webhook configuration would refuse every Pod.
    case webhookServer
}

/// One object of an install and the component it belongs to.
package struct Manifest: Hashable, Sendable {
    package var component: Component
    package var object: UnstructuredObject
    /// What to wait for before applying it; nil for nothing.
    package var gate: Gate?
    /// Whether several installs may hold this very object. Its owner label then says `shared` without a namespace: it
    /// is nobody's conflict, and may be deleted only with the last install that holds it.
    package var isShared: Bool

    package init(component: Component, object: UnstructuredObject, gate: Gate? = nil, isShared: Bool = false) {
        self.component = component
        self.object = object
        self.gate = gate
        self.isShared = isShared
    }

    package var reference: ObjectReference { object.reference }
}

/// The objects of one install, in apply order, and what its author should know.
package struct RenderedManifests: Hashable, Sendable {
    package var manifests: [Manifest]
    /// Namespace of the control plane.
    package var istioNamespace: String
    /// Revision, `default` for the unnamed one.
    package var revision: String
    package var enabledComponents: Set<Component>
    package var warnings: [Diagnostic]

    package init(
        manifests: [Manifest], istioNamespace: String, revision: String, enabledComponents: Set<Component>,
        warnings: [Diagnostic]
    ) {
        self.manifests = manifests
        self.istioNamespace = istioNamespace
        self.revision = revision
        self.enabledComponents = enabledComponents
        self.warnings = warnings
    }
}

/// The spec asks for something that cannot be rendered. The user's to fix: no retry until the spec changes.
package struct RenderError: Error, Hashable, Sendable, CustomStringConvertible {
    package var diagnostics: [Diagnostic]

    package init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    package var description: String { diagnostics.map(\.description).joined(separator: "; ") }
}
