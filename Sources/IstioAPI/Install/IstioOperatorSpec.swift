package import KubernetesModel

/// What a person asks for in an `IstioOperator` (`install.istio.io/v1alpha1`), after its text was checked.
///
/// Parts that are laid over other JSON (values, mesh configuration, Kubernetes overrides) stay JSON.
package struct IstioOperatorSpec: Hashable, Sendable {
    /// A built-in profile; nil means `default`.
    package var profile: String?
    /// A folder with further profiles, for the command line; nil means none.
    package var installPackagePath: String?
    /// Image hub, such as `docker.io/istio`; nil means this build's own.
    package var hub: String?
    /// Image tag, given as any scalar; nil means this build's own.
    package var tag: String?
    /// Where the control plane is installed, unless `values.global.istioNamespace` says otherwise.
    package var namespace: String?
    /// Name of the control plane's revision; nil is the default one, whose objects have no suffix. Reading makes nil
    /// of an empty name and of `default`.
    package var revision: String?
    package var compatibilityVersion: String?
    /// Laid over `values.meshConfig`. An object, or nil.
    package var meshConfig: JSONValue?
    package var components: IstioComponents
    /// Helm-style values, checked. An object, or nil.
    package var values: JSONValue?
    /// Helm-style values, unchecked, laid over everything. An object, or nil.
    package var unvalidatedValues: JSONValue?
    package var updateStrategy: UpdateStrategy

    package init() {
        components = IstioComponents()
        updateStrategy = UpdateStrategy()
    }
}

/// `spec.components`: which parts are installed, and how their Kubernetes objects differ from the profile's.
package struct IstioComponents: Hashable, Sendable {
    package var base: ComponentSpec?
    package var pilot: ComponentSpec?
    package var cni: ComponentSpec?
    package var ztunnel: ComponentSpec?
    package var istiodRemote: ComponentSpec?
    package var ingressGateways: [GatewaySpec]
    package var egressGateways: [GatewaySpec]

    package init() {
        ingressGateways = []
        egressGateways = []
    }
}

/// One entry of `spec.components`.
package struct ComponentSpec: Hashable, Sendable {
    /// Nil: as the profile says; a component that is listed at all counts as enabled.
    package var enabled: Bool?
    package var namespace: String?
    package var hub: String?
    package var tag: String?
    /// The checked `k8s` overrides. An object, or nil.
    package var k8s: JSONValue?

    package init() {}
}

/// One entry of `spec.components.ingressGateways` or `egressGateways`.
package struct GatewaySpec: Hashable, Sendable {
    package var name: String
    /// Laid over the gateway's own labels.
    package var label: [String: String]
    package var component: ComponentSpec

    package init(name: String) {
        self.name = name
        label = [:]
        component = ComponentSpec()
    }
}

/// `spec.updateStrategy`: how a change of version reaches the control plane and the workloads.
package struct UpdateStrategy: Hashable, Sendable {
    /// How the control plane is replaced.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case inPlace = "InPlace"
        case revisionBased = "RevisionBased"
    }

    package var type: Kind
    /// Seconds that an unused revision is kept.
    package var inactiveRevisionDeletionGracePeriodSeconds: Int64
    package var updateWorkloads: Bool
    /// How many workloads may be moving at once, or which share of them (`25%`); nil leaves it to the roll-out.
    package var maxUnavailableWorkloads: JSONValue?

    package init() {
        type = .inPlace
        inactiveRevisionDeletionGracePeriodSeconds = 30
        updateWorkloads = false
    }
}
