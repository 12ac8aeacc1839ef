package import MeshModel

/// What a sidecar has for calls to its own workload.
package func inboundPlan(
    for view: ProxyView, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let mesh = snapshot.settings
    let families = view.addressFamilies
    let extensions = ExtensionFilters(
        .server, snapshot.extensions(.server, namespace: view.identity.namespace, labels: view.labels))
    let traffic = TrafficSettings(
        mesh: mesh, telemetry: snapshot.telemetry(.server, of: TelemetrySubject(view)),
        capabilities: view.capabilities, extensions: extensions, acceptsHTTP10: view.acceptsHTTP10,
        source: settings.sources.resources)
    let inboundTLS = snapshot.inboundTLS(of: view)
    let inbound = InboundPorts(view, inboundTLS: inboundTLS, mesh: mesh, sources: settings.sources)
    var plan = ResourcePlan()
    plan.clusters =
        inbound.clusters(in: snapshot).map { .inboundCluster($0) } + [
            .fixedCluster(
                .inboundPassthrough,
                ClusterSettings(mesh: mesh, families: families, source: settings.sources.resources))
        ]
    let captured = VirtualInboundInput(
        port: mesh.inboundPort, families: families, ports: inbound.listenerPorts.filter { !$0.bindsToPort },
        inboundTLS: inboundTLS, tls: mesh.mutualTLS(settings.sources),
        isTransparent: view.interceptionMode == .tproxy, filters: snapshot.securityFilters(for: view),
        settings: traffic)
    plan.listeners = inbound.listenerPorts.filter(\.bindsToPort).map { .virtualInbound(captured.bound(to: $0)) }
    if view.interceptionMode != .none { plan.listeners.append(.virtualInbound(captured)) }
    plan.extensionConfigs = extensions.configurations
    plan.bootstraps = [view.bootstrap(in: snapshot)]
    plan.trustedRoots = snapshot.trustedRoots
    let patches = snapshot.configuration.envoyPatches(
        .sidecarInbound, namespace: view.identity.namespace, rootNamespace: mesh.rootNamespace, labels: view.labels,
        metadata: view.patchedMetadata)
    return plan.patched(by: patches).sorted()
}

extension InboundTraffic {
    init(_ meshProtocol: MeshProtocol) {
        self = meshProtocol.isHTTP ? .http : meshProtocol.isSniffed ? .sniffed : .tcp
    }
}
