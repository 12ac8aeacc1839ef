/// Names the endpoints of one port of a service.
package struct EndpointKey: Hashable, Sendable, Comparable {
    package var service: ServiceKey
    /// Empty for the only port of a service that gives it no name.
    package var portName: String

    package init(service: ServiceKey, portName: String) {
        self.service = service
        self.portName = portName
    }

    package static func < (left: EndpointKey, right: EndpointKey) -> Bool {
        (left.service, left.portName) < (right.service, right.portName)
    }
}

/// Who serves one port of a service: sorted, each address and port once.
package struct EndpointSet: Hashable, Sendable {
    package let endpoints: [Endpoint]
    /// Who may answer: the identities of all endpoints, sorted.
    package let identities: [WorkloadIdentity]
    /// Whether mutual TLS is possible with all of them.
    package let isMutualTLS: Bool
    /// Of the endpoints: sets are compared and looked up far more often than they are made.
    private let digest: Int

    package static let empty = EndpointSet([])

    /// Of endpoints with equal address, port, network and cluster the one that serves best is kept, and among equals
    /// the first.
    package init(_ endpoints: some Sequence<Endpoint>) {
        var sorted: [Endpoint] = []
        let inOrder = endpoints.enumerated().sorted { left, right in
            if left.element < right.element { return true }
            if right.element < left.element { return false }
            return (left.element.health.rank, left.offset) < (right.element.health.rank, right.offset)
        }
        sorted.reserveCapacity(inOrder.count)
        for (_, endpoint) in inOrder where sorted.last.map({ $0 < endpoint }) ?? true { sorted.append(endpoint) }
        self.endpoints = sorted
        identities = Set(sorted.compactMap(\.identity)).sorted()
        isMutualTLS = sorted.allSatisfy(\.isMutualTLS)
        digest = sorted.hashValue
    }

    package static func == (left: EndpointSet, right: EndpointSet) -> Bool {
        left.digest == right.digest && left.endpoints == right.endpoints
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    package var isEmpty: Bool { endpoints.isEmpty }
}

extension Endpoint.Health {
    fileprivate var rank: Int {
        switch self {
        case .ready: 0
        case .draining: 1
        case .unready: 2
        }
    }
}
