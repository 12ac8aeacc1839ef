import KubernetesModel
import MeshModel

extension DebugPage {
    @Sendable static func registryz(_ request: DebugRequest) async -> DebugAnswer {
        let snapshot = await request.state.meshSnapshot()
        let services = snapshot.services.values.sorted { $0.key < $1.key }
        return .json(.array(services.map { json(of: $0, cluster: snapshot.settings.clusterID) }))
    }

    private static func json(of service: MeshService, cluster: String) -> JSONValue {
        let ports = service.ports.map { port -> JSONValue in
            [
                "name": .string(port.name), "port": .integer(Int64(port.number)),
                "protocol": .string(port.meshProtocol.rawValue),
            ]
        }
        return [
            "hostname": .string(service.hostname), "ports": .array(ports),
            "creationTime": .string(service.created), "resolution": .string("\(service.resolution)"),
            "defaultAddress": .string(service.addresses.first ?? "0.0.0.0"),
            "clusterVIPs": ["Addresses": .object([cluster: JSONValue(service.addresses)])],
            "Attributes": [
                "Name": .string(service.name), "Namespace": .string(service.namespace),
                "Labels": JSONValue(service.labels), "LabelSelectors": JSONValue(service.selector),
                "Origin": .string("\(service.origin)"),
            ],
        ]
    }

    @Sendable static func endpointz(_ request: DebugRequest) async -> DebugAnswer {
        let host = request.parameter("service")
        let snapshot = await request.state.meshSnapshot()
        let sets = snapshot.endpoints.filter { key, _ in host.map { $0 == key.service.hostname } ?? true }
        return .json(
            .array(
                sets.sorted { $0.key < $1.key }.map { key, set in
                    [
                        "svc": .string("\(key.service.hostname):\(key.portName)"),
                        "namespace": .string(key.service.namespace),
                        "ep": .array(set.endpoints.map(json)),
                    ]
                }))
    }

    private static func json(of endpoint: Endpoint) -> JSONValue {
        [
            "address": .string(endpoint.address), "port": .integer(Int64(endpoint.port)),
            "health": .string("\(endpoint.health)"), "workload": .string(endpoint.workloadName),
            "pod": .string(endpoint.podName), "labels": JSONValue(endpoint.labels),
            "namespace": JSONValue(endpoint.identity?.namespace),
            "serviceAccount": JSONValue(endpoint.identity?.serviceAccount),
            "locality": .string("\(endpoint.locality)"), "network": .string(endpoint.network),
            "cluster": .string(endpoint.clusterID), "node": .string(endpoint.node),
            "weight": .integer(Int64(endpoint.weight)), "mutualTLS": .bool(endpoint.isMutualTLS),
        ]
    }

    @Sendable static func instancesz(_ request: DebugRequest) async -> DebugAnswer {
        let snapshot = await request.state.meshSnapshot()
        var byAddress: [String: [(EndpointKey, Endpoint)]] = [:]
        for (key, set) in snapshot.endpoints {
            for endpoint in set.endpoints { byAddress[endpoint.address, default: []].append((key, endpoint)) }
        }
        var result: [String: JSONValue] = [:]
        for proxy in request.proxies() {
            let instances = proxy.addresses.flatMap { byAddress[$0] ?? [] }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            result[proxy.name] = .array(
                instances.map { key, endpoint in
                    [
                        "service": .string(key.service.hostname), "portName": .string(key.portName),
                        "address": .string(endpoint.address), "port": .integer(Int64(endpoint.port)),
                    ]
                })
        }
        return .json(.object(result))
    }
}
