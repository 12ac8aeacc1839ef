package import MeshModel

extension OutboundServices {
    /// The clusters of all ports.
    func clusters(
        mesh: MeshSettings, families: AddressFamilies, sources: ConfigSources
    ) -> [OutboundClusterInput] {
        let settings = ClusterSettings(mesh: mesh, families: families, source: sources.resources)
        let tls = mesh.mutualTLS(sources)
        return ports.map { target in
            OutboundClusterInput(
                host: target.service.hostname, serviceName: target.service.name,
                namespace: target.service.namespace, port: target.port.number, discovery: target.discovery,
                upstream: .init(target.port.meshProtocol, upgradesToHTTP2: mesh.upgradesToHTTP2),
                security: mesh.usesAutoMutualTLS ? target.security(tls) : .plaintext,
                subjectAltNames: target.subjectAltNames(trustDomains: tls.trustDomains), settings: settings)
        }
    }

    /// The endpoints of all clusters that get them from the control plane.
    func loadAssignments(for preference: EndpointPreference) -> [LoadAssignmentInput] {
        ports.filter { $0.discovery == .endpoints }.map {
            LoadAssignmentInput($0.service, port: $0.port, endpoints: $0.endpoints, preference: preference)
        }
    }
}

extension LoadAssignmentInput {
    /// Of one port of a service: all there is to do when nothing but its endpoints has changed.
    package init(
        _ service: MeshService, port: ServicePort, endpoints: EndpointSet, preference: EndpointPreference
    ) {
        self.init(
            clusterName: ClusterNames.outbound(port: port.number, host: service.hostname), endpoints: endpoints,
            families: preference.addressFamilies, node: service.isNodeLocal ? preference.node : nil)
    }
}

extension OutboundServices.Port {
    fileprivate var discovery: OutboundClusterInput.Discovery {
        switch service.resolution {
        case .endpoints: .endpoints
        case .headless: .originalDestination
        case .externalName(let host): .dns(host: host, port: port.number)
        }
    }

    /// An address that the client chose has no metadata that a cluster could go by: it is all endpoints or none.
    fileprivate func security(_ tls: MutualTLS) -> OutboundClusterInput.Security {
        switch discovery {
        case .endpoints: .automatic(tls)
        case .originalDestination: endpoints.endpoints.allSatisfy(\.isMutualTLS) ? .mutualTLS(tls) : .plaintext
        case .dns: .plaintext
        }
    }

    /// The identities of who serves, in every name of the trust domain.
    fileprivate func subjectAltNames(trustDomains: [String]) -> [String] {
        let identities = trustDomains.flatMap { domain in
            endpoints.identities.map { $0.spiffeID(trustDomain: domain) }
        }
        return Set(identities + service.subjectAltNames).sorted()
    }
}
