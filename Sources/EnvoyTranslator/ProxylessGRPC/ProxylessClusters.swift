package import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// The clusters that gRPC applications without a proxy call.
///
/// Endpoints cannot be told apart by what they speak: a cluster speaks mutual TLS where a DestinationRule says so, and by
/// itself where all who serve it take that and some of them nothing else. What a user asks for besides, as TLS with certificates of their own, is
/// not done. Hosts that every request or connection names anew cannot be called.
func proxylessClusters(
    _ services: OutboundServices, for traits: OutboundTraits, in snapshot: MeshSnapshot, settings: TranslationSettings
) -> [OutboundClusterInput] {
    var client = DestinationClient(traits)
    client.isRouter = true
    let plan = DestinationPlan(client, in: snapshot, sources: settings.sources)
    let peers = PeerAuthenticationIndex(snapshot)
    return services.calledPorts.flatMap { target in
        let subsets = plan.rule(for: target.service)?.subsets ?? []
        return plan.clusters(of: target).compactMap { cluster in
            let subset = subsets.first { $0.name == cluster.subset }
            let served = LoadAssignmentInput(
                clusterName: cluster.name, endpoints: target.endpoints, labels: subset?.labels ?? [:],
                families: traits.families, keepsDraining: target.service.keepsSessions)
            return cluster.callable(
                requiresTLS: served.requiresTLS(peers, serviceNamespace: target.service.namespace))
        }
    }
}

extension OutboundClusterInput {
    /// As libraries can call it; nil if they cannot.
    ///
    /// - Parameter requiresTLS: All who serve it take mutual TLS, and some nothing else.
    fileprivate func callable(requiresTLS: @autoclosure () -> Bool) -> OutboundClusterInput? {
        var input = self
        switch discovery {
        case .endpoints: break
        case .dns(let endpoints), .firstOfDNS(let endpoints):
            guard let name = endpoints.firstName else { return nil }
            input.discovery = .firstOfDNS(name)
        case .originalDestination, .dynamicDNS: return nil
        }
        switch security {
        case .automatic(let tls): input.security = requiresTLS() ? .mutualTLS(tls) : .plaintext
        case .client: input.security = .plaintext
        case .mutualTLS, .plaintext: break
        }
        return input
    }
}

/// The cluster of one port of a service, or of a subset of its workloads, as gRPC libraries take it.
package func proxylessCluster(_ input: OutboundClusterInput) throws -> Envoy_Config_Cluster_V3_Cluster {
    try .with {
        $0.name = input.name
        $0.connectTimeout = .init(input.policy.connectionPool?.connectTimeout ?? input.settings.connectTimeout)
        switch input.discovery {
        case .dns(let endpoints), .firstOfDNS(let endpoints):
            $0.type = .logicalDns
            $0.loadAssignment = loadAssignment(endpoints)
        case .endpoints, .originalDestination, .dynamicDNS:
            $0.type = .eds
            $0.edsClusterConfig.serviceName = input.name
            $0.edsClusterConfig.edsConfig = input.settings.source.message(for: input.name)
        }
        try $0.balance(input.policy.loadBalancer)
        // Without a word of it, libraries stop at 1024 calls.
        $0.limit(input.policy.connectionPool)
        if case .mutualTLS(let tls) = input.security {
            $0.transportSocket = try ProxylessTLS.client(
                serverName: input.serverName.isEmpty
                    ? ClusterNames.serverName(port: input.port, subset: input.subset, host: input.host)
                    : input.serverName,
                names: input.subjectAltNames, trustDomains: tls.trustDomains)
        }
    }
}

extension LoadAssignmentInput {
    /// Whether all who are called say that they take mutual TLS and policies forbid it to none, while they let one take
    /// nothing else.
    fileprivate func requiresTLS(_ peers: PeerAuthenticationIndex, serviceNamespace: String) -> Bool {
        guard !peers.isEmpty else { return false }
        var isStrict = false
        for endpoint in endpoints.endpoints where calls(endpoint) {
            guard endpoint.isMutualTLS else { return false }
            let mode = peers.mode(
                ofPort: endpoint.port, namespace: endpoint.identity?.namespace ?? serviceNamespace,
                labels: endpoint.labels)
            switch mode {
            case .disable: return false
            case .strict: isStrict = true
            case .permissive: break
            }
        }
        return isStrict
    }

    /// The first that can be called alone, for libraries look up one name for a cluster; nil if there is none.
    fileprivate var firstName: LoadAssignmentInput? {
        var input = self
        for endpoint in endpoints.endpoints where !endpoint.address.hasPrefix("unix:") {
            input.endpoints = EndpointSet([endpoint])
            if !loadAssignment(input).endpoints.isEmpty { return input }
        }
        return nil
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    /// A library refuses what it does not know as the one policy, and skips it in the list.
    fileprivate mutating func balance(_ balancer: LoadBalancer?) throws {
        lbPolicy = .roundRobin
        switch balancer?.algorithm {
        case .consistentHash(let hash):
            lbPolicy = .ringHash
            if case .ring(let size) = hash.table { ringHashLbConfig.minimumRingSize = .init(UInt64(size ?? 1024)) }
        case .leastRequest:
            let choices: Envoy_Config_Cluster_V3_LoadBalancingPolicy = try .preferring([
                Envoy_Extensions_LoadBalancingPolicies_LeastRequest_V3_LeastRequest(),
                Envoy_Extensions_LoadBalancingPolicies_RoundRobin_V3_RoundRobin(),
            ])
            loadBalancingPolicy = try .preferring([
                Envoy_Extensions_LoadBalancingPolicies_WrrLocality_V3_WrrLocality.with {
                    $0.endpointPickingPolicy = choices
                }
            ])
        case .roundRobin, .random, .passthrough, .backendUtilization, nil: break
        }
    }
}

extension Envoy_Config_Cluster_V3_LoadBalancingPolicy {
    /// The first that is known.
    fileprivate static func preferring(_ policies: [any Message]) throws -> Self {
        try .with {
            $0.policies = try policies.map { policy in
                try .with {
                    $0.typedExtensionConfig.name = type(of: policy).protoMessageName
                    $0.typedExtensionConfig.typedConfig = try .init(message: policy)
                }
            }
        }
    }
}
