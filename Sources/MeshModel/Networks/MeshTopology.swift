/// How the networks of a mesh are entered from each other, and which clusters it spans.
package struct MeshTopology: Hashable, Sendable {
    /// By network; sorted.
    package var gateways: [String: [NetworkGateway]]
    /// Besides the control plane's own; sorted.
    package var remoteClusters: [String]
    /// Host names of gateways, whose addresses are looked up: endpoints have to be addresses. Sorted.
    package var gatewayNames: [String]

    package init(
        gateways: [String: [NetworkGateway]] = [:], remoteClusters: [String] = [], gatewayNames: [String] = []
    ) {
        self.gateways = gateways
        self.remoteClusters = remoteClusters
        self.gatewayNames = gatewayNames
    }

    package var isOfOneCluster: Bool { remoteClusters.isEmpty }

    /// The networks as seen from one of them; nil where all endpoints are called directly.
    package func view(from network: String) -> NetworkView? {
        // A proxy that does not know where it is can be anywhere.
        guard !network.isEmpty else { return nil }
        let others = gateways.filter { $0.key != network }
        return others.isEmpty ? nil : NetworkView(network: network, gateways: others)
    }
}

/// A gateway that lets mutual TLS of the mesh into its network.
package struct NetworkGateway: Hashable, Sendable, Comparable {
    package var address: String
    package var port: Int

    package init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    package static func < (left: NetworkGateway, right: NetworkGateway) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }
}

/// What a caller's network decides about the endpoints that it calls.
package struct NetworkView: Hashable, Sendable {
    package var network: String
    /// Of other networks, sorted.
    package var gateways: [String: [NetworkGateway]]

    package init(network: String, gateways: [String: [NetworkGateway]]) {
        self.network = network
        self.gateways = gateways
    }

    /// Endpoints as the caller reaches them: those on other networks are replaced by their network's gateways, which get
    /// the endpoints' weights in equal parts. Through a gateway only mutual TLS finds its way; other endpoints there cannot
    /// be called.
    package func reached(_ endpoints: [Endpoint]) -> [Endpoint] {
        guard endpoints.contains(where: { isBehindGateway($0) }) else {
            return endpoints.filter { !$0.address.isEmpty }
        }
        // All weights times this can be divided by the number of gateways of any network.
        let factor = Set(gateways.values.map(\.count)).reduce(1) { leastCommonMultiple($0, $1) }
        var reached: [Endpoint] = []
        var shares: [Behind: Int] = [:]
        for var endpoint in endpoints {
            if isBehindGateway(endpoint) {
                guard endpoint.isMutualTLS, !endpoint.address.hasPrefix("unix://") else { continue }
                let behind = Behind(
                    network: endpoint.network, clusterID: endpoint.clusterID, locality: endpoint.locality)
                shares[behind, default: 0] += max(1, endpoint.weight) * factor
            } else if !endpoint.address.isEmpty {
                endpoint.weight = max(1, endpoint.weight) * factor
                reached.append(endpoint)
            }
        }
        for (behind, share) in shares.sorted(by: { $0.key < $1.key }) {
            let gateways = gateways[behind.network] ?? []
            for gateway in gateways {
                reached.append(Endpoint(gateway, for: behind, weight: share / gateways.count))
            }
        }
        return reached
    }

    /// Whether an endpoint is on another network, and called through that one's gateway.
    package func isBehindGateway(_ endpoint: Endpoint) -> Bool {
        !endpoint.network.isEmpty && endpoint.network != network && gateways[endpoint.network] != nil
    }

    fileprivate struct Behind: Hashable, Comparable {
        var network: String
        var clusterID: String
        var locality: Locality

        static func < (left: Behind, right: Behind) -> Bool {
            (left.network, left.clusterID, left.locality) < (right.network, right.clusterID, right.locality)
        }
    }
}

extension Endpoint {
    fileprivate init(_ gateway: NetworkGateway, for behind: NetworkView.Behind, weight: Int) {
        self.init(address: gateway.address, port: gateway.port)
        isMutualTLS = true
        network = behind.network
        clusterID = behind.clusterID
        locality = behind.locality
        self.weight = max(1, weight)
    }
}

private func leastCommonMultiple(_ left: Int, _ right: Int) -> Int {
    var (larger, smaller) = (left, right)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return left / larger * right
}
