import KubernetesModel
import MeshModel

extension DebugPage {
    @Sendable static func networkz(_ request: DebugRequest) async -> DebugAnswer {
        .json(.array(networkGateways(await request.state.meshSnapshot().topology)))
    }

    /// Services of the multi-cluster API are none of the mesh.
    @Sendable static func mcsz(_ request: DebugRequest) async -> DebugAnswer { .json(.array([])) }

    /// By network, and sorted within each.
    static func networkGateways(_ topology: MeshTopology) -> [JSONValue] {
        topology.gateways.sorted { $0.key < $1.key }.flatMap { network, gateways in
            gateways.map { gateway -> JSONValue in
                [
                    "Network": .string(network), "Addr": .string(gateway.address),
                    "Port": .integer(Int64(gateway.port)), "HBONEPort": 0,
                ]
            }
        }
    }

    /// Gateways by name, whether their addresses are known yet or not.
    static func unresolvedGateways(_ topology: MeshTopology) -> [JSONValue] {
        topology.gatewayNames.map { ["Addr": .string($0)] }
    }

    /// Endpoints as each source of them tells: by host, namespace, and source.
    @Sendable static func endpointShardz(_ request: DebugRequest) async -> DebugAnswer {
        let snapshot = await request.state.meshSnapshot()
        let host = request.parameter("service")
        let trustDomain = snapshot.settings.trustDomain
        var hosts: [String: [String: Shards]] = [:]
        for (key, set) in snapshot.endpoints.sorted(by: { $0.key < $1.key })
        where host.map({ $0 == key.service.hostname }) ?? true {
            let isOfKubernetes = snapshot.services[key.service]?.isOfKubernetes ?? false
            var shards = hosts[key.service.hostname]?[key.service.namespace] ?? Shards()
            for endpoint in set.endpoints {
                let source = isOfKubernetes || !endpoint.podName.isEmpty ? "Kubernetes" : "External"
                let cluster = endpoint.clusterID.isEmpty ? snapshot.settings.clusterID : endpoint.clusterID
                shards.endpoints["\(source)/\(cluster)", default: []].append(
                    shard(of: endpoint, key, trustDomain: trustDomain))
                if let identity = endpoint.identity {
                    shards.accounts.insert(identity.spiffeID(trustDomain: trustDomain))
                }
            }
            hosts[key.service.hostname, default: [:]][key.service.namespace] = shards
        }
        return .json(.object(hosts.mapValues { .object($0.mapValues(\.json)) }))
    }

    private struct Shards {
        /// By `SOURCE/CLUSTER`.
        var endpoints: [String: [JSONValue]] = [:]
        var accounts: Set<String> = []

        var json: JSONValue {
            [
                "Shards": .object(endpoints.mapValues { .array($0) }), "ServiceAccounts": JSONValue(accounts.sorted()),
            ]
        }
    }

    private static func shard(of endpoint: Endpoint, _ key: EndpointKey, trustDomain: String) -> JSONValue {
        [
            "Labels": JSONValue(endpoint.labels), "Addresses": [.string(endpoint.address)],
            "ServicePortName": .string(key.portName), "EndpointPort": .integer(Int64(endpoint.port)),
            "ServiceAccount": .string(endpoint.identity?.spiffeID(trustDomain: trustDomain) ?? ""),
            "Network": .string(endpoint.network),
            "Locality": ["Label": .string("\(endpoint.locality)"), "ClusterID": .string(endpoint.clusterID)],
            "LbWeight": .integer(Int64(endpoint.weight)), "TLSMode": endpoint.isMutualTLS ? "istio" : "disabled",
            "Namespace": .string(endpoint.identity?.namespace ?? key.service.namespace),
            "WorkloadName": .string(endpoint.workloadName), "HostName": .string(endpoint.hostname),
            "HealthStatus": .integer(Int64(endpoint.health.rawValue)), "NodeName": .string(endpoint.node),
        ]
    }
}
