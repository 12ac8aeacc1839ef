/// A host that a Gateway's server takes, for the VirtualServices of one namespace or of all.
package struct GatewayHost: Hashable, Sendable, CustomStringConvertible {
    /// Nil for all.
    package var namespace: String?
    /// `a.example.com`, `*.example.com` or `*`, in lower case.
    package var host: String

    package init(namespace: String? = nil, _ host: String) {
        self.namespace = namespace
        self.host = host
    }

    /// As a Gateway writes it.
    package var description: String { namespace.map { "\($0)/\(host)" } ?? host }
}

extension GatewayServer {
    /// The hosts that both this server and a VirtualService are for; of two that overlap the narrower one. Each once.
    package func hosts(sharedWith others: [String], of namespace: String) -> [String] {
        var shared: [String] = []
        for own in hosts where own.namespace ?? namespace == namespace {
            for other in others {
                let narrower =
                    HostPattern.isSubset(other, of: own.host)
                    ? other : HostPattern.isSubset(own.host, of: other) ? own.host : nil
                if let narrower, !shared.contains(narrower) { shared.append(narrower) }
            }
        }
        return shared
    }

    /// The names that clients ask for in TLS, each once.
    package var serverNames: [String] {
        var known: Set<String> = []
        return hosts.map(\.host).filter { known.insert($0).inserted }
    }
}
