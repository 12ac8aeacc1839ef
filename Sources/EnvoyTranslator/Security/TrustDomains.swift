/// The names of the mesh's trust domain, the own one first.
package struct TrustDomains: Hashable, Sendable {
    package var names: [String]

    package init(_ name: String, aliases: [String] = []) {
        names = [name] + aliases.filter { $0 != name }
    }

    /// Principals of a policy, each in all names of the trust domain where it names one of them. `cluster.local` stands
    /// for the own one, whatever that is called.
    func principals(_ written: [String]) -> [String] {
        var all: [String] = []
        for principal in written.flatMap(inAllNames) where !all.contains(principal) { all.append(principal) }
        return all
    }

    private func inAllNames(_ principal: String) -> [String] {
        let parts = principal.split(separator: "/", omittingEmptySubsequences: false)
        // Written in full: DOMAIN/ns/NAMESPACE/sa/NAME. Anything shorter is for every trust domain.
        guard parts.count == 5, parts[0] != "*" else { return [principal] }
        let domain = String(parts[0])
        let pattern = TextPattern(domain)
        let isOwn = names.contains { pattern.matches($0) || TextPattern($0).matches(domain) }
        guard domain == "cluster.local" || isOwn else { return [principal] }
        let rest = parts.dropFirst().joined(separator: "/")
        // Only an asterisk at the beginning of a principal means anything.
        return names.map { domain.hasPrefix("*") && pattern.matches($0) ? principal : "\($0)/\(rest)" }
    }
}

extension TextPattern {
    /// Whether a text is like this.
    fileprivate func matches(_ text: String) -> Bool {
        switch self {
        case .exact(let whole): text == whole
        case .prefix(let start): text.hasPrefix(start)
        case .suffix(let end): text.hasSuffix(end)
        case .any: !text.isEmpty
        }
    }
}
