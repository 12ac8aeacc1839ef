extension MeshSettings {
    /// Takes over what a control plane's environment switches on and off, under Istio's names.
    package mutating func apply(environment: [String: String]) {
        func read(_ name: String, into value: inout Bool) {
            switch environment[name]?.lowercased() {
            case "true", "1", "t": value = true
            case "false", "0", "f": value = false
            default: break
            }
        }
        read("PILOT_ENABLE_IP_AUTOALLOCATE", into: &recordsAllocatedAddresses)
        read("ENABLE_TLS_ON_SIDECAR_INGRESS", into: &endsTLSOfSidecarIngress)
        read("PILOT_SCOPE_GATEWAY_TO_NAMESPACE", into: &scopesGateways)
        read("PILOT_ENABLE_PERSISTENT_SESSION_FILTER", into: &keepsSessions)
        read("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", into: &allowsSeveralAuthorizers)
    }
}
