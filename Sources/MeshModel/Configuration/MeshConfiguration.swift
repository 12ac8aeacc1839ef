package import KubernetesModel

/// What people have configured the mesh to do, kind by kind: only objects that make sense.
///
/// A kind has a line here, a line in `ConfigurationTranslation.all` of MeshTranslator, and a folder in both targets.
package struct MeshConfiguration: Hashable, Sendable {
    package var peerAuthentications = PoliciesByNamespace<PeerAuthentication>()
    package var requestAuthentications = PoliciesByNamespace<RequestAuthentication>()
    package var authorizationPolicies = PoliciesByNamespace<AuthorizationPolicy>()
    /// JSON Web Key Sets that were fetched for RequestAuthentications, as they came.
    package var keySets: [KeySetSource: String] = [:]

    package var envoyFilters: [ObjectKey: EnvoyFilter] = [:]
    package var telemetries: [ObjectKey: Telemetry] = [:]
    package var proxyExtensions = ProxyExtensions()
    package var proxyRunSettings: [ObjectKey: ProxyRunSettings] = [:]

    package var virtualServices = VirtualServices()
    package var destinationRules = DestinationRules()

    package var serviceEntries: [ObjectKey: ServiceEntry] = [:]
    package var workloadEntries: [ObjectKey: WorkloadEntry] = [:]
    package var workloadGroups: [ObjectKey: WorkloadGroup] = [:]
    package var sidecars: [ObjectKey: Sidecar] = [:]

    package var gateways: [ObjectKey: Gateway] = [:]
    package var ingresses: [ObjectKey: Ingress] = [:]
    package var ingressClasses: [ObjectKey: IngressClass] = [:]

    package init() {}

    /// Labels that decide which configuration counts for a workload's calls to others: workloads that differ in no
    /// other way share all that is made for those.
    package var clientLabelKeys: Set<String> {
        var keys: Set<String> = []
        for filter in envoyFilters.values { keys.formUnion(filter.target.labelKeys) }
        for found in proxyExtensions.values { keys.formUnion(found.target.labelKeys) }
        for telemetry in telemetries.values { keys.formUnion(telemetry.target.labelKeys) }
        keys.formUnion(virtualServices.clientLabelKeys)
        return keys.union(destinationRules.clientLabelKeys)
    }
}

/// What every configured object says of itself.
package struct ConfigurationOrigin: Hashable, Sendable, Comparable {
    package var reference: ObjectReference
    /// RFC 3339; the older of two that conflict wins. Empty if not known: as young as can be.
    package var created: String

    package init(_ reference: ObjectReference, created: String = "") {
        self.reference = reference
        self.created = created
    }

    package var namespace: String { reference.key.namespace }
    package var name: String { reference.key.name }

    /// The older first; of equally old ones by name, then by namespace.
    package static func < (left: ConfigurationOrigin, right: ConfigurationOrigin) -> Bool {
        (left.created.isEmpty ? "~" : left.created, left.name, left.namespace)
            < (right.created.isEmpty ? "~" : right.created, right.name, right.namespace)
    }
}
