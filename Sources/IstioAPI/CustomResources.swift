package import KubernetesModel

extension CustomResource {
    /// The kinds that people configure the mesh with: what the base of every install defines.
    package static let configuration: [CustomResource] = [
        trafficExtension,
        wasmPlugin,
        destinationRule,
        envoyFilter,
        gateway,
        proxyConfig,
        serviceEntry,
        sidecar,
        virtualService,
        workloadEntry,
        workloadGroup,
        authorizationPolicy,
        peerAuthentication,
        requestAuthentication,
        telemetry,
    ]

    /// Every kind that has a definition here.
    package static let all = [istioOperator] + configuration
}
