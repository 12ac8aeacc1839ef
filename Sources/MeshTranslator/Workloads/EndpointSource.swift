import MeshModel

/// One address of an EndpointSlice or an Endpoints, in the words of both.
struct EndpointSource: Hashable, Sendable {
    var address: String
    var isReady: Bool
    var isServing: Bool
    var isTerminating: Bool
    var hostname: String
    var node: String
    var zone: String
    var target: TargetReference?
    /// Number by name, of the ports with a transport.
    var ports: [String: Int]
}

extension EndpointSliceObject {
    /// Each address on its own, with the slice's ports.
    var sources: [EndpointSource] {
        let ports = Dictionary(
            (self.ports ?? []).compactMap { port in
                port.port.flatMap { isPort($0) ? (port.name ?? "", $0) : nil }
            },
            uniquingKeysWith: { first, _ in first })
        return (endpoints ?? []).flatMap { endpoint in
            let isReady = endpoint.conditions?.ready ?? true
            let topology = endpoint.topology ?? [:]
            return (endpoint.addresses ?? []).map { address in
                EndpointSource(
                    address: address, isReady: isReady, isServing: endpoint.conditions?.serving ?? isReady,
                    isTerminating: endpoint.conditions?.terminating ?? false, hostname: endpoint.hostname ?? "",
                    node: endpoint.nodeName ?? topology["kubernetes.io/hostname"] ?? "",
                    zone: endpoint.zone ?? topology["topology.kubernetes.io/zone"] ?? "",
                    target: endpoint.targetRef, ports: ports)
            }
        }
    }
}

extension EndpointsObject {
    /// Each address on its own, with the ports of its subset.
    var sources: [EndpointSource] {
        (subsets ?? []).flatMap { subset in
            let ports = Dictionary(
                (subset.ports ?? []).filter { isPort($0.port) }.map { ($0.name ?? "", $0.port) },
                uniquingKeysWith: { first, _ in first })
            func source(_ address: Address, isReady: Bool) -> EndpointSource {
                EndpointSource(
                    address: address.ip, isReady: isReady, isServing: isReady, isTerminating: false,
                    hostname: address.hostname ?? "", node: address.nodeName ?? "", zone: "",
                    target: address.targetRef, ports: ports)
            }
            return (subset.addresses ?? []).map { source($0, isReady: true) }
                + (subset.notReadyAddresses ?? []).map { source($0, isReady: false) }
        }
    }
}
