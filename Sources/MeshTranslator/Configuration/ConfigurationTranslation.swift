package import KubernetesModel
import MeshModel

/// How objects of one kind become part of a mesh's configuration.
package struct ConfigurationTranslation: Sendable {
    package var groupKind: GroupKind
    /// Whether the value changed, and what is wrong with the object. An object with errors has no value.
    private var update: @Sendable (inout MeshConfiguration, ObjectKey, ConfigurationObject?, MeshSettings) -> Outcome

    struct Outcome {
        var hasChanged: Bool
        var isAccepted: Bool
        var diagnostics: [Diagnostic]
    }

    /// - Parameters:
    ///   - path: Where values of the kind are kept.
    ///   - translate: A pure function. Nil: the object cannot be used, and diagnostics say why.
    init<Table: ConfigurationTable & SendableMetatype>(
        _ group: String, _ kind: String,
        _ path: any WritableKeyPath<MeshConfiguration, Table> & Sendable,
        _ translate: @escaping @Sendable (ConfigurationObject, MeshSettings) -> Translated<Table.Value?>
    ) where Table.Value: Sendable {
        groupKind = GroupKind(group: group, kind: kind)
        update = { configuration, key, object, settings in
            let translated = object.map { translate($0, settings) } ?? Translated(nil)
            let hasChanged = configuration[keyPath: path][key] != translated.value
            if hasChanged { configuration[keyPath: path][key] = translated.value }
            return Outcome(
                hasChanged: hasChanged, isAccepted: object == nil || translated.value != nil,
                diagnostics: translated.diagnostics)
        }
    }

    func apply(
        _ object: ConfigurationObject?, at key: ObjectKey, to configuration: inout MeshConfiguration,
        settings: MeshSettings
    ) -> Outcome { update(&configuration, key, object, settings) }

    /// Whether an object can be used at all.
    func accepts(_ object: ConfigurationObject, settings: MeshSettings) -> Outcome {
        var scratch = MeshConfiguration()
        return update(&scratch, object.key, object, settings)
    }
}

extension ConfigurationTranslation {
    /// Every kind that has a meaning so far.
    package static let all: [ConfigurationTranslation] = [
        .init("networking.istio.io", "ServiceEntry", \.serviceEntries, serviceEntry(of:in:)),
        .init("networking.istio.io", "WorkloadEntry", \.workloadEntries, workloadEntry(of:in:)),
        .init("networking.istio.io", "WorkloadGroup", \.workloadGroups, workloadGroup(of:in:)),
        .init("networking.istio.io", "Sidecar", \.sidecars, sidecar(of:in:)),
        .init("security.istio.io", "PeerAuthentication", \.peerAuthentications, peerAuthentication(of:in:)),
        .init("security.istio.io", "RequestAuthentication", \.requestAuthentications, requestAuthentication(of:in:)),
        .init("security.istio.io", "AuthorizationPolicy", \.authorizationPolicies, authorizationPolicy(of:in:)),
        .init("networking.istio.io", "EnvoyFilter", \.envoyFilters, envoyFilter(of:in:)),
        .init("networking.istio.io", "DestinationRule", \.destinationRules, destinationRule(of:in:)),
        .init("extensions.istio.io", "WasmPlugin", \.proxyExtensions.wasmPlugins, wasmPlugin(of:in:)),
        .init("extensions.istio.io", "TrafficExtension", \.proxyExtensions.trafficExtensions, trafficExtension(of:in:)),
        .init("networking.istio.io", "ProxyConfig", \.proxyRunSettings, proxyConfig(of:in:)),
        .init("telemetry.istio.io", "Telemetry", \.telemetries, telemetry(of:in:)),
        .init("networking.istio.io", "VirtualService", \.virtualServices, virtualService(of:in:)),
        .init("networking.istio.io", "Gateway", \.gateways, gateway(of:in:)),
        .init("networking.k8s.io", "Ingress", \.ingresses, ingress(of:in:)),
        .init("networking.k8s.io", "IngressClass", \.ingressClasses, ingressClass(of:in:)),
    ]

    static let byKind = Dictionary(all.map { ($0.groupKind, $0) }) { first, _ in first }
}

/// What is wrong with an object, in the eyes of the translation that would make it part of a mesh with Istio's defaults.
package func configurationDiagnostics(of object: ConfigurationObject) -> [Diagnostic] {
    ConfigurationTranslation.byKind[object.groupKind]?.accepts(object, settings: MeshSettings()).diagnostics ?? []
}
