/// The routes of a port, ready for a few of their virtual hosts to be replaced: what that costs does not depend on how many
/// there are.
package struct PortRoutes: Sendable {
    package private(set) var input: RouteConfigurationInput
    /// Domains that a short name of a service could be.
    package private(set) var unqualifiedDomains: Set<String>
    private var domains: Set<String>

    /// - Returns: Nil where virtual hosts wanted the same domain: if one of them goes, another one may take it.
    package init?(_ input: RouteConfigurationInput) {
        guard !input.isContested else { return nil }
        self.input = input
        domains = Set(input.virtualHosts.lazy.flatMap(\.domains))
        unqualifiedDomains = input.unqualifiedDomains
    }

    /// Puts virtual hosts in the places of those of some host names.
    ///
    /// - Parameters:
    ///   - hosts: Host names.
    ///   - replacements: All that there is to be of them, and perhaps of others, which stay as they are.
    /// - Returns: False: a domain is wanted twice, and this is of no more use.
    package mutating func replace(_ hosts: Set<String>, with replacements: RouteConfigurationInput) -> Bool {
        guard !replacements.isContested else { return false }
        let names = Set(hosts.flatMap { ["\($0):\(input.name)", "[\($0)]:\(input.name)"] })
        var added: [String: VirtualHostInput] = [:]
        for host in replacements.virtualHosts where names.contains(host.name) { added[host.name] = host }
        for name in names {
            guard let index = input.virtualHosts.firstIndex(named: name) else { continue }
            for domain in input.virtualHosts[index].domains {
                domains.remove(domain)
                unqualifiedDomains.remove(domain)
            }
            if added[name] == nil { input.virtualHosts.remove(at: index) }
        }
        for (name, host) in added {
            for domain in host.domains {
                guard domains.insert(domain).inserted else { return false }
                if domain.isUnqualified { unqualifiedDomains.insert(domain) }
            }
            input.virtualHosts.set(host, named: name)
        }
        return true
    }
}

extension RouteConfigurationInput {
    /// These routes, as clients in a namespace have them, with what has changed of those for clients in none.
    ///
    /// - Parameters:
    ///   - hosts: Names of the hosts whose virtual hosts have changed.
    ///   - common: For clients in no namespace.
    ///   - localized: The virtual host of a host name as clients in the namespace have it; nil if it cannot be told alone.
    package func updated(
        _ hosts: Set<String>, from common: RouteConfigurationInput,
        localized: (String, VirtualHostInput) -> VirtualHostInput?
    ) -> RouteConfigurationInput? {
        var updated = self
        for host in hosts {
            for name in ["\(host):\(name)", "[\(host)]:\(name)"] {
                guard let place = common.virtualHosts.firstIndex(named: name) else {
                    if let index = updated.virtualHosts.firstIndex(named: name) {
                        updated.virtualHosts.remove(at: index)
                    }
                    continue
                }
                guard let local = localized(host, common.virtualHosts[place]) else { return nil }
                updated.virtualHosts.set(local, named: name)
            }
        }
        return updated
    }
}

extension [VirtualHostInput] {
    /// Where a virtual host is, if they are in the order of names.
    func firstIndex(named name: String) -> Int? {
        let index = firstIndex(notBefore: name)
        return index < count && self[index].name == name ? index : nil
    }

    /// Puts a virtual host at its place.
    fileprivate mutating func set(_ host: VirtualHostInput, named name: String) {
        let index = firstIndex(notBefore: name)
        if index < count, self[index].name == name {
            self[index] = host
        } else {
            insert(host, at: index)
        }
    }

    private func firstIndex(notBefore name: String) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
