/// Where the traffic for some hosts goes, and what happens to it on the way.
package struct VirtualService: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    package var visibility: Visibility
    /// Complete names, in lower case; `*` stands for all, `*.example.com` for all below. Empty: its rules count only where
    /// another object delegates to it.
    package var hosts: [String]
    /// Who applies it: `mesh` for all sidecars, `namespace/name` for a gateway.
    package var gateways: [String]
    /// For requests; the first that matches counts. So do `tls` and `tcp`.
    package var http: [HTTPRule]
    /// For TLS connections that pass unopened.
    package var tls: [ConnectionRule]
    /// For all other connections.
    package var tcp: [ConnectionRule]

    /// The name among gateways that stands for all sidecars.
    package static let mesh = "mesh"

    package init(origin: ConfigurationOrigin, hosts: [String], gateways: [String] = [VirtualService.mesh]) {
        self.origin = origin
        visibility = .everywhere
        self.hosts = hosts
        self.gateways = gateways
        http = []
        tls = []
        tcp = []
    }

    package var isDelegate: Bool { hosts.isEmpty }

    /// Everywhere that its rules send anything, copies too; each once, in their order.
    package var destinations: [RouteDestination] {
        var known: Set<RouteDestination> = []
        let all =
            http.flatMap { $0.destinations.map(\.destination) + ($0.mirrors ?? []).map(\.destination) }
            + (tls + tcp).flatMap { $0.destinations.map(\.destination) }
        return all.filter { known.insert($0).inserted }
    }

    /// Labels by which its rules tell clients apart.
    package var clientLabelKeys: Set<String> {
        let clients = http.flatMap { $0.matches.map(\.client) } + (tls + tcp).flatMap { $0.matches.map(\.client) }
        return Set(clients.flatMap(\.labels.keys))
    }
}

/// A service, or a subset of its workloads, that traffic is sent to.
package struct RouteDestination: Hashable, Sendable {
    /// A complete name, in lower case.
    package var host: String
    /// Nil: the only port of the service, or the one that was called.
    package var port: Int?
    /// Empty for all workloads.
    package var subset: String

    package init(host: String, port: Int? = nil, subset: String = "") {
        self.host = host
        self.port = port
        self.subset = subset
    }
}

/// A destination's share of the traffic.
package struct WeightedDestination: Hashable, Sendable {
    package var destination: RouteDestination
    /// Relative to the others; all of it where it is alone.
    package var weight: Int
    /// Of what goes here. Only requests have headers.
    package var headers: HeaderChanges

    package init(_ destination: RouteDestination, weight: Int = 0, headers: HeaderChanges = .init()) {
        self.destination = destination
        self.weight = weight
        self.headers = headers
    }
}
