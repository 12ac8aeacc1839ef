import KubernetesModel

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
        read("PILOT_HTTP10", into: &acceptsHTTP10)
        read("RESOLVE_HOSTNAME_GATEWAYS", into: &looksUpGateways)
        read("PILOT_ENABLE_QUIC_LISTENERS", into: &offersHTTP3)
        let stores: [(name: String, store: StoreProtocol)] = [
            ("PILOT_ENABLE_MONGO_FILTER", .mongo), ("PILOT_ENABLE_MYSQL_FILTER", .mySQL),
            ("PILOT_ENABLE_REDIS_FILTER", .redis),
        ]
        for (name, store) in stores {
            var isOn = self.stores.contains(store)
            read(name, into: &isOn)
            if isOn { self.stores.insert(store) } else { self.stores.remove(store) }
        }
        read("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", into: &allowsSeveralAuthorizers)
        // Programs refuse to start with a name that says nothing.
        if let name = environment[CompliancePolicy.variable], let policy = CompliancePolicy(rawValue: name) {
            meshTLS.compliance = policy
            defaultTLS.compliance = policy
        }
    }
}
