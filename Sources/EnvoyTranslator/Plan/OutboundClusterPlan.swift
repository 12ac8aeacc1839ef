package import MeshModel

/// Who calls: what of a client decides clusters and, besides where it is, endpoints that it is told.
package struct DestinationClient: Hashable, Sendable {
    package var namespace: String
    /// Those that rules can tell clients apart by.
    package var labels: [String: String]
    package var families: AddressFamilies
    /// A gateway: it does not tell protocols apart by their bytes, never calls what a client called, and may use Secrets.
    package var isRouter: Bool
    /// Who gives it secrets.
    package var secretSockets = SecretSockets()
    /// Where it is, as far as that decides which hosts it prefers that it looks up itself; nil: not at all.
    package var namePreference: EndpointPreference?

    package init(
        namespace: String, labels: [String: String] = [:], families: AddressFamilies = .ipv4, isRouter: Bool = false
    ) {
        self.namespace = namespace
        self.labels = labels
        self.families = families
        self.isRouter = isRouter
    }

    package init(_ traits: OutboundTraits) {
        self.init(
            namespace: traits.scope.namespace, labels: traits.labels, families: traits.families,
            isRouter: traits.isRouter)
        namePreference = traits.namePreference
        secretSockets = traits.secretSockets
    }
}

/// How the services of a mesh are called by one kind of clients: made once, and asked service by service.
struct DestinationPlan {
    let client: DestinationClient
    let snapshot: MeshSnapshot
    let sources: ConfigSources
    let settings: ClusterSettings
    let tls: MutualTLS
    /// Nil if no policy forbids mutual TLS anywhere.
    let peers: PeerAuthenticationIndex?

    init(_ client: DestinationClient, in snapshot: MeshSnapshot, sources: ConfigSources = .init()) {
        self.client = client
        self.snapshot = snapshot
        self.sources = sources.beside(client.secretSockets)
        settings = ClusterSettings(mesh: snapshot.settings, families: client.families, source: sources.resources)
        tls = snapshot.settings.mutualTLS(sources)
        peers = snapshot.forbidsMutualTLS ? PeerAuthenticationIndex(snapshot) : nil
    }

    /// The rule for a service.
    func rule(for service: MeshService) -> DestinationRule? {
        snapshot.destinationRule(for: service.key, from: client.namespace, labels: client.labels)
    }

    /// The clusters of one port of a service: of the whole, and of each of its subsets.
    func clusters(of target: OutboundServices.Port) -> [OutboundClusterInput] {
        let rule = rule(for: target.service)
        let endpoints = endpoints(of: target)
        return subsets(of: rule).map { subset in
            var endpoints = endpoints
            endpoints.clusterName = ClusterNames.outbound(
                port: target.port.number, subset: subset?.name ?? "", host: target.service.hostname)
            endpoints.labels = subset?.labels ?? [:]
            return cluster(of: target, rule: rule, subset: subset?.name ?? "", endpoints)
        }
    }

    /// The endpoints of the clusters of one port that get them from the control plane.
    func loadAssignments(
        of target: OutboundServices.Port, for preference: EndpointPreference
    ) -> [LoadAssignmentInput] {
        let rule = rule(for: target.service)
        var common = endpoints(of: target)
        common.families = preference.addressFamilies
        if target.service.isNodeLocal { common.node = preference.node }
        common.networks = snapshot.topology.view(from: preference.network)
        if !snapshot.topology.isOfOneCluster, snapshot.settings.isClusterLocal(target.service.hostname) {
            common.clusterID = preference.clusterID
        }
        return subsets(of: rule).compactMap { subset in
            let name = subset?.name ?? ""
            let policy = rule?.policy(port: target.port.number, subset: name) ?? TrafficPolicy()
            guard discovery(of: target, policy, common) == .endpoints else { return nil }
            var input = common
            input.clusterName = ClusterNames.outbound(
                port: target.port.number, subset: name, host: target.service.hostname)
            input.labels = subset?.labels ?? [:]
            input.placement = placement(of: target, policy, for: preference)
            return input
        }
    }

    private func placement(
        of target: OutboundServices.Port, _ policy: TrafficPolicy, for preference: EndpointPreference
    ) -> EndpointPlacement {
        EndpointPlacement(
            PlacePreference(policy, of: target.service, in: snapshot.settings), for: preference,
            detectsOutliers: policy.outlierDetection != nil)
    }

    /// The whole service, then its subsets.
    private func subsets(of rule: DestinationRule?) -> [DestinationRule.Subset?] { [nil] + (rule?.subsets ?? []) }

    private func endpoints(of target: OutboundServices.Port) -> LoadAssignmentInput {
        var endpoints = target.endpoints
        if let peers { endpoints = endpoints.withoutForbidden(by: peers, of: target.service) }
        return LoadAssignmentInput(
            clusterName: target.clusterName, endpoints: endpoints, families: client.families,
            keepsDraining: target.service.keepsSessions)
    }

    private func cluster(
        of target: OutboundServices.Port, rule: DestinationRule?, subset: String, _ endpoints: LoadAssignmentInput
    ) -> OutboundClusterInput {
        let service = target.service
        let policy = rule?.policy(port: target.port.number, subset: subset) ?? TrafficPolicy()
        let mesh = snapshot.settings
        let discovery = discovery(of: target, policy, endpoints)
        let security = security(of: target, policy, rule, discovery, endpoints.endpoints)
        return OutboundClusterInput(
            host: service.hostname, serviceName: service.name, namespace: service.namespace,
            port: target.port.number, subset: subset, discovery: discovery,
            upstream: .init(
                target.port.meshProtocol, pool: policy.connectionPool, upgradesToHTTP2: mesh.upgradesToHTTP2,
                sniffs: !client.isRouter), security: security,
            subjectAltNames: subjectAltNames(of: target, policy, security),
            serverName: policy.tls?.mode == .istioMutual ? policy.tls?.serverName ?? "" : "",
            policy: policy.ofCluster, weighsPlaces: PlacePreference(policy, of: service, in: mesh) != nil,
            keepsDraining: service.keepsSessions, isExternal: service.isExternal, rule: rule?.path ?? "",
            statisticsName: StatisticsPattern(pattern: mesh.outboundClusterStatName).name(
                host: service.hostname, service: service.name, namespace: service.namespace, port: target.port,
                subset: subset), settings: settings)
    }

    private func discovery(
        of target: OutboundServices.Port, _ policy: TrafficPolicy, _ endpoints: LoadAssignmentInput
    ) -> OutboundClusterInput.Discovery {
        if policy.loadBalancer?.algorithm == .passthrough { return .originalDestination }
        switch target.service.resolution {
        case .endpoints: return .endpoints
        // Whoever calls a gateway calls the gateway's address.
        case .headless, .none: return client.isRouter ? .endpoints : .originalDestination
        case .externalName(let host):
            return .dns(endpoints.replaced(by: host, port: target.port.number))
        case .dns:
            var endpoints = endpoints.orHost(of: target)
            if let preference = client.namePreference {
                endpoints.placement = placement(of: target, policy, for: preference)
            }
            return .dns(endpoints)
        case .dnsRoundRobin: return .firstOfDNS(endpoints.orHost(of: target).first)
        case .dynamicDNS: return .dynamicDNS
        }
    }

    private func security(
        of target: OutboundServices.Port, _ policy: TrafficPolicy, _ rule: DestinationRule?,
        _ discovery: OutboundClusterInput.Discovery, _ endpoints: EndpointSet
    ) -> OutboundClusterInput.Security {
        if let own = policy.tls {
            switch own.mode {
            case .disable: return .plaintext
            case .istioMutual: return .mutualTLS(tls)
            case .simple, .mutual:
                // A Secret is for those who may see it: gateways, and clients that a rule is for by their labels.
                guard own.credentialName.isEmpty || client.isRouter || rule?.workloadSelector != nil else {
                    return .plaintext
                }
                return .client(ClientTLSInput(own, defaults: snapshot.settings.defaultTLS, sources: sources))
            }
        }
        guard snapshot.settings.usesAutoMutualTLS, !target.service.isExternal else { return .plaintext }
        switch discovery {
        case .endpoints, .dns, .firstOfDNS:
            return target.service.isExternalName ? .plaintext : .automatic(tls)
        // An address that the client chose has no metadata that a cluster could go by: it is all endpoints or none.
        case .originalDestination: return endpoints.isMutualTLS ? .mutualTLS(tls) : .plaintext
        case .dynamicDNS: return .plaintext
        }
    }

    /// The identities of who serves, in every name of the trust domain, unless a rule names others.
    private func subjectAltNames(
        of target: OutboundServices.Port, _ policy: TrafficPolicy, _ security: OutboundClusterInput.Security
    ) -> [String] {
        switch security {
        case .plaintext: return []
        case .client(let client):
            return client.tls.subjectAltNames.isEmpty
                ? client.tls.skipsVerification
                    ? [] : target.service.isOfKubernetes ? [] : target.service.subjectAltNames
                : client.tls.subjectAltNames
        case .mutualTLS, .automatic:
            if let own = policy.tls?.subjectAltNames, !own.isEmpty { return own }
            let identities = tls.trustDomains.flatMap { domain in
                target.endpoints.identities.map { $0.spiffeID(trustDomain: domain) }
            }
            return Set(identities + target.service.subjectAltNames).sorted()
        }
    }
}
