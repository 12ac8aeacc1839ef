internal import InstallationValues
package import IstioAPI
package import KubernetesModel

/// Everything that can change what is rendered. It is the whole input and so the memo key.
package struct RenderInput: Hashable, Sendable {
    /// Name of the IstioOperator that asks; its objects carry it in their owner labels.
    package var owner: ObjectKey
    package var spec: IstioOperatorSpec
    package var facts: ClusterFacts
    package var purpose: Purpose
    /// The profiles of the folder that `spec.installPackagePath` names, by name. They come before the built-in ones.
    package var packageProfiles: [String: IstioOperatorSpec]

    /// What the objects are for.
    package enum Purpose: Hashable, Sendable {
        /// Whoever renders applies them too.
        case installation
        /// They are printed, for others to apply: with the access rules that fit Istio's images as well.
        case file
    }

    package init(
        owner: ObjectKey, spec: IstioOperatorSpec, facts: ClusterFacts, purpose: Purpose = .installation,
        packageProfiles: [String: IstioOperatorSpec] = [:]
    ) {
        self.owner = owner
        self.spec = spec
        self.facts = facts
        self.purpose = purpose
        self.packageProfiles = packageProfiles
    }
}

/// What a cluster can do, as far as rendering depends on it. Read from its discovery documents.
package struct ClusterFacts: Hashable, Sendable {
    /// The minor version of Kubernetes, such as 20 for 1.20.2.
    package var kubernetesMinor: Int
    /// The kinds it serves, each in every served version.
    package var served: Set<GroupVersionKind>
    /// The platform it says it runs on, as `values.global.platform` calls it; nil where it does not say.
    package var platform: String?

    package init(kubernetesMinor: Int, served: Set<GroupVersionKind>, platform: String? = nil) {
        self.kubernetesMinor = kubernetesMinor
        self.served = served
        self.platform = platform
    }

    /// What a version of Kubernetes tells of the platform, such as `gke` for `v1.33.1-gke.100`.
    package static func platform(ofVersion version: String) -> String? {
        version.contains("-gke") ? Platform.gke.rawValue : nil
    }
}

/// Parts of an install that are applied and awaited one after the other.
package enum Component: String, Hashable, Sendable, CaseIterable {
    case base = "Base"
    case istiodRemote = "IstiodRemote"
    case cni = "Cni"
    case pilot = "Pilot"
    case ztunnel = "Ztunnel"
    case ingressGateways = "IngressGateways"
    case egressGateways = "EgressGateways"
}

/// What has to be true before an object may be applied.
package enum Gate: Hashable, Sendable {
    /// The control plane's webhook server answers: until then a webhook configuration would refuse every Pod.
    case webhookServer
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
