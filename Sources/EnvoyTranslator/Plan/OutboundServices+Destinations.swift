import MeshModel

extension OutboundServices {
    /// The clusters of all ports.
    func clusters(_ plan: DestinationPlan) -> [OutboundClusterInput] { calledPorts.flatMap(plan.clusters(of:)) }

    /// The endpoints of all clusters that get them from the control plane.
    func loadAssignments(_ plan: DestinationPlan, for preference: EndpointPreference) -> [LoadAssignmentInput] {
        calledPorts.flatMap { plan.loadAssignments(of: $0, for: preference) }
    }
}

extension LoadAssignmentInput {
    /// The service's own host, where it names no endpoints.
    func orHost(of target: OutboundServices.Port) -> LoadAssignmentInput {
        guard endpoints.isEmpty, !target.service.isWildcard else { return self }
        return replaced(by: target.service.hostname, port: target.port.number)
    }

    /// With a host that is looked up instead of endpoints.
    func replaced(by host: String, port: Int) -> LoadAssignmentInput {
        var input = self
        input.endpoints = EndpointSet([Endpoint(address: host, port: port)])
        input.labels = [:]
        return input
    }

    /// With no other endpoint than the first one.
    var first: LoadAssignmentInput {
        var input = self
        let found = endpoints.endpoints.first { endpoint in
            labels.allSatisfy { endpoint.labels[$0.key] == $0.value }
        }
        input.endpoints = EndpointSet([found].compactMap(\.self))
        return input
    }
}

extension TrafficPolicy {
    /// What decides a cluster and is not told otherwise: equal clusters have equal inputs.
    var ofCluster: TrafficPolicy {
        var policy = self
        policy.ports = [:]
        policy.tunnel = nil
        policy.tls = nil
        // Where endpoints are preferred is told with them.
        policy.loadBalancer?.locality = nil
        if case .consistentHash(var hash)? = policy.loadBalancer?.algorithm {
            hash.key = nil
            policy.loadBalancer?.algorithm = .consistentHash(hash)
        }
        return policy
    }
}

extension DestinationRule {
    /// Where the API server has it, as telemetry and people know it.
    var path: String {
        "/apis/networking.istio.io/v1/namespaces/\(origin.namespace)/destination-rule/\(origin.name)"
    }
}

extension MeshSnapshot {
    /// Whether any policy forbids mutual TLS to any workload.
    var forbidsMutualTLS: Bool {
        configuration.peerAuthentications.values.contains { policy in
            policy.mode == .disable || policy.ports.values.contains { $0 == .disable }
        }
    }
}

extension EndpointSet {
    /// Where policies of the workloads forbid mutual TLS it is not possible.
    func withoutForbidden(by peers: PeerAuthenticationIndex, of service: MeshService) -> EndpointSet {
        func isForbidden(_ endpoint: Endpoint) -> Bool {
            endpoint.isMutualTLS
                && peers.mode(
                    ofPort: endpoint.port, namespace: endpoint.identity?.namespace ?? service.namespace,
                    labels: endpoint.labels) == .disable
        }
        guard endpoints.contains(where: isForbidden) else { return self }
        return EndpointSet(
            endpoints.map { endpoint in
                var endpoint = endpoint
                if isForbidden(endpoint) { endpoint.isMutualTLS = false }
                return endpoint
            })
    }
}

extension MeshSnapshot {
    /// How many connections and requests a workload takes at once: as many as its clients are told, so that the server's
    /// side does not stop what the client's side lets pass.
    func inboundPool(for instance: ServiceInstance) -> ConnectionPool? {
        destinationRule(for: instance.service, from: instance.service.namespace, labels: [:])?
            .policy(port: instance.port.number).connectionPool
    }
}
