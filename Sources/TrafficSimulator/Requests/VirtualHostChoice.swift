import EnvoyAPI

extension Envoy_Config_Route_V3_RouteConfiguration {
    /// The virtual host of a host header, and the domain that matched; nil if there is none.
    ///
    /// An exact domain wins, then the longest `*suffix`, then the longest `prefix*`, then `*`. A wildcard stands for at
    /// least one character.
    func virtualHost(for host: String) -> (Envoy_Config_Route_V3_VirtualHost, domain: String)? {
        let name = (ignorePortInHostMatching ? host.withoutPort : host).asciiLowercased
        var best: (host: Envoy_Config_Route_V3_VirtualHost, domain: String, rank: DomainRank)?
        for virtualHost in virtualHosts {
            for domain in virtualHost.domains {
                guard let rank = DomainRank(of: domain.asciiLowercased, for: name) else { continue }
                if let other = best, other.rank >= rank { continue }
                best = (virtualHost, domain, rank)
            }
        }
        return best.map { ($0.host, $0.domain) }
    }
}

/// How well a domain fits a host.
private struct DomainRank: Comparable {
    /// 3: exact, 2: `*suffix`, 1: `prefix*`, 0: `*`.
    var kind: Int
    var length: Int

    /// Nil if it does not fit.
    init?(of domain: String, for host: String) {
        length = domain.utf8.count
        if domain == "*" {
            kind = 0
        } else if domain == host {
            kind = 3
        } else if domain.hasPrefix("*"), host.hasSuffix(domain.dropFirst()), host.utf8.count >= length {
            kind = 2
        } else if domain.hasSuffix("*"), host.hasPrefix(domain.dropLast()), host.utf8.count >= length {
            kind = 1
        } else {
            return nil
        }
    }

    static func < (left: DomainRank, right: DomainRank) -> Bool {
        (left.kind, left.length) < (right.kind, right.length)
    }
}

extension String {
    /// A host header's host: `[::1]:80` is `[::1]`.
    var withoutPort: String {
        guard let colon = lastIndex(of: ":") else { return self }
        let port = self[index(after: colon)...]
        let host = self[..<colon]
        let isPort = !port.isEmpty && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isPort, !host.contains(":") || host.hasSuffix("]") else { return self }
        return String(host)
    }
}
