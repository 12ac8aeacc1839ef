/// Where the agent answers DNS queries, and whom it asks itself.
package struct NameServerSettings: Hashable, Sendable {
    /// IP addresses, each by its own: answers have to come from where questions went. The first one is needed; the
    /// others are left out where a machine has no such family.
    package var addresses = ["127.0.0.1", "::1"]
    /// 0 takes a free one.
    package var port = 15053
    /// Names the servers that the workload would ask itself.
    package var resolvConf = "/etc/resolv.conf"
    /// `address:port` of name servers; empty: those of ``resolvConf``.
    package var forwardsTo: [String] = []
    /// After so long the next server is asked.
    package var timeout: Duration = .seconds(2)
    /// Questions that wait for other servers at a time; those beyond are refused.
    package var concurrency = 1024

    /// Istio's defaults.
    package init() {}
}

/// What `/etc/resolv.conf` says.
struct ResolverConfiguration: Hashable, Sendable {
    /// `address` or `address:port`, in their order.
    var servers: [String] = []
    /// In lower case, without dots at the end.
    var search: [String] = []

    /// Reads the file's text; what it does not know, it skips.
    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            switch words.first {
            case "nameserver": if words.count > 1 { servers.append(String(words[1])) }
            case "search": search = words.dropFirst().map(DomainName.normalized)
            case "domain": search = words.dropFirst().prefix(1).map(DomainName.normalized)
            default: continue
            }
        }
    }
}
