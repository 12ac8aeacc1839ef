/// The hosts that a scope has in reach, ready to be asked many times.
package struct HostImports: Sendable {
    fileprivate struct Hosts {
        var exact: Set<String> = []
        var patterns: [String] = []
    }

    /// By namespace; nil: everything is in reach.
    private let byNamespace: [String: Hosts]?
    private let anywhere: Hosts

    package init(_ egress: OutboundScope.Egress) {
        guard case .hosts(let imports) = egress else {
            byNamespace = nil
            anywhere = Hosts()
            return
        }
        var byNamespace: [String: Hosts] = [:]
        for entry in imports {
            if entry.host.hasPrefix("*") {
                byNamespace[entry.namespace, default: Hosts()].patterns.append(entry.host)
            } else {
                byNamespace[entry.namespace, default: Hosts()].exact.insert(entry.host)
            }
        }
        anywhere = byNamespace.removeValue(forKey: "*") ?? Hosts()
        self.byNamespace = byNamespace
    }

    /// Whether a service that a namespace defines is in reach.
    package func importsService(_ host: String, in namespace: String) -> Bool {
        guard let byNamespace else { return true }
        return byNamespace[namespace]?.includes(host) ?? false || anywhere.includes(host)
    }

    /// Whether a VirtualService of a namespace counts: one of its hosts has to be in reach, or to be a pattern that
    /// stands for one that is.
    package func importsVirtualService(_ hosts: some Sequence<String>, in namespace: String) -> Bool {
        guard let byNamespace else { return true }
        let own = byNamespace[namespace]
        return hosts.contains { own?.meets($0) ?? false || anywhere.meets($0) }
    }
}

extension HostImports.Hosts {
    func includes(_ host: String) -> Bool {
        exact.contains(host) || patterns.contains { HostPattern.isSubset(host, of: $0) }
    }

    func meets(_ host: String) -> Bool {
        if exact.contains(host) { return true }
        if host.hasPrefix("*"), exact.contains(where: { HostPattern.isSubset($0, of: host) }) { return true }
        return patterns.contains { HostPattern.overlap(host, $0) }
    }
}
