package import MeshModel

/// The part of a view that decides what a sidecar has for calls to others, besides endpoints: the same for most proxies of
/// a namespace.
package struct OutboundTraits: Hashable, Sendable {
    package var scope: OutboundScope
    package var families: AddressFamilies
    /// A gateway has clusters alone of these.
    package var isRouter: Bool
    package var interceptionMode: InterceptionMode
    package var acceptsHTTP10: Bool
    /// How the proxy counts, and nothing else.
    package var counting: ProxyCapabilities
    /// Who gives the proxy secrets.
    package var secretSockets: SecretSockets
    /// Of the workload, those alone that configuration can tell its calls apart by.
    package var labels: [String: String]
    /// Where the proxy is; nil unless its agent answers DNS queries.
    package var nameTable: NameTableClient?
    /// Node metadata that EnvoyFilters look at.
    package var patchedMetadata: [String: String]
    /// Where the proxy is, as far as that decides which hosts it prefers that it looks up itself; nil: not at all.
    package var namePreference: EndpointPreference?
    /// Whose calls are traced under its name; nil while nothing is.
    package var tracedAs: TelemetrySubject?

    /// - Parameter preference: Of a proxy with that view; nil: it prefers no place.
    package init(_ view: ProxyView, preference: EndpointPreference? = nil, in snapshot: MeshSnapshot) {
        scope = view.outbound
        families = view.addressFamilies
        isRouter = view.kind == .router
        interceptionMode = view.interceptionMode
        acceptsHTTP10 = view.acceptsHTTP10
        counting = view.capabilities.ofCounting
        secretSockets = view.secretSockets
        nameTable =
            view.answersQueries ? NameTableClient(clusterID: view.clusterID, network: view.network) : nil
        patchedMetadata = view.patchedMetadata
        namePreference = preference.flatMap { snapshot.placesNames ? $0 : nil }
        let keys = snapshot.configuration.clientLabelKeys
        labels = keys.isEmpty ? [:] : view.labels.filter { keys.contains($0.key) }
        if snapshot.tracesWorkloads {
            tracedAs = TelemetrySubject(view)
            tracedAs?.labels = labels
        }
    }
}

extension OutboundTraits {
    /// Whose telemetry it is, as far as it is told apart.
    var telemetrySubject: TelemetrySubject {
        tracedAs
            ?? TelemetrySubject(
                namespace: scope.namespace, labels: labels, canonicalName: "", canonicalRevision: "", clusterID: "")
    }

    /// What all listeners of a sidecar have in common.
    func trafficSettings(in snapshot: MeshSnapshot, _ settings: TranslationSettings) -> TrafficSettings {
        let extensions = snapshot.extensions(.client, namespace: scope.namespace, labels: labels)
        return TrafficSettings(
            mesh: snapshot.settings, telemetry: snapshot.telemetry(.client, of: telemetrySubject),
            capabilities: counting, extensions: ExtensionFilters(.client, extensions), acceptsHTTP10: acceptsHTTP10,
            source: settings.sources.resources)
    }

    /// What EnvoyFilters change of a sidecar's calls to others.
    func patches(in snapshot: MeshSnapshot) -> [EnvoyPatch] {
        snapshot.configuration.envoyPatches(
            .sidecarOutbound, namespace: scope.namespace, rootNamespace: snapshot.settings.rootNamespace,
            labels: labels, metadata: patchedMetadata)
    }
}

/// What a sidecar has for calls to others, besides endpoints; sorted by name.
package func outboundPlan(
    for traits: OutboundTraits, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let mesh = snapshot.settings
    let families = traits.families
    let clusterSettings = ClusterSettings(mesh: mesh, families: families, source: settings.sources.resources)
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot, isRouter: traits.isRouter)
    if traits.isRouter {
        return routerClusterPlan(for: traits, services, in: snapshot, settings: settings)
    }
    var listeners = OutboundListeners(for: traits, in: snapshot, settings)

    var plan = ResourcePlan()
    plan.routes = services.routes(for: traits, in: snapshot, adding: &listeners)
    plan.clusters =
        services.clusters(DestinationPlan(DestinationClient(traits), in: snapshot, sources: settings.sources))
        .map { .outboundCluster($0) }
        + [.fixedCluster(.passthrough, clusterSettings), .fixedCluster(.blackHole, clusterSettings)]
    let fallback = mesh.fallback(in: traits.scope)
    if fallback == .dynamicDNS { plan.clusters.append(.fixedCluster(.dynamicDNS, clusterSettings)) }
    plan.listeners = listeners.inputs.map { .outboundListener($0) }
    if let proxy = listeners.proxyListener(otherwise: fallback.connectionCluster) {
        let hosts = SidecarVirtualHosts(services, for: traits, in: snapshot)
        plan.listeners.append(.outboundListener(proxy))
        plan.routes.append(
            .routeConfiguration(
                hosts.proxyConfiguration(named: SidecarVirtualHosts.proxyRoutes, targets: services.ports)))
    }
    if traits.interceptionMode != .none {
        var input = VirtualOutboundInput(
            port: mesh.outboundPort, families: families, cluster: fallback.connectionCluster,
            isTransparent: traits.interceptionMode == .tproxy, settings: listeners.settings)
        if fallback == .dynamicDNS { input.lookup = listeners.lookup }
        plan.listeners.append(.virtualOutbound(input))
    }
    plan.extensionConfigs = listeners.settings.extensions.configurations
    if let client = traits.nameTable {
        plan.nameTables = [.nameTable(services.nameTable(for: client, families: families, in: snapshot))]
    }
    return plan.patched(by: traits.patches(in: snapshot)).sorted()
}

/// The endpoints of all services that clients with these traits call; sorted by name.
package func endpointPlan(
    for traits: OutboundTraits, preference: EndpointPreference, in snapshot: MeshSnapshot
) -> [ResourceInput] {
    endpointPlan(
        for: traits.scope, preference: preference, in: snapshot, isRouter: traits.isRouter, labels: traits.labels)
}

/// The endpoints of all services that a scope calls; sorted by name.
///
/// - Parameter labels: Of the client: those named by `MeshConfiguration.clientLabelKeys` are enough.
package func endpointPlan(
    for scope: OutboundScope, preference: EndpointPreference, in snapshot: MeshSnapshot, isRouter: Bool = false,
    labels: [String: String] = [:]
) -> [ResourceInput] {
    let client = DestinationClient(
        namespace: scope.namespace, labels: labels, families: preference.addressFamilies, isRouter: isRouter)
    return OutboundServices(visibleTo: scope, in: snapshot, isRouter: isRouter)
        .loadAssignments(DestinationPlan(client, in: snapshot), for: preference)
        .map { .loadAssignment($0) }.sortedByName
}

extension ProxyCapabilities {
    /// What matters to how traffic is counted: proxies of different versions share the rest.
    fileprivate var ofCounting: ProxyCapabilities {
        ProxyCapabilities(
            hasIstioFilters: !countsTraffic, version: nil, hasConnectionLog: countsTraffic && hasConnectionLog,
            hasRequestLog: countsTraffic && hasRequestLog)
    }
}

extension ProxyView {
    var acceptsHTTP10: Bool { ["1", "true"].contains(switches["HTTP10"]) }

    /// Its agent answers DNS queries.
    var answersQueries: Bool { ["1", "true"].contains(switches["DNS_CAPTURE"]) }
}
