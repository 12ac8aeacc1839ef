package import KubernetesModel

extension VirtualService {
    /// This object with the rules of others in place of those that delegate to them. Rules that delegate to nobody who
    /// can be seen, and what of others contradicts the rule that delegates, are left out.
    package func delegated(among all: [ObjectKey: VirtualService]) -> VirtualService {
        guard http.contains(where: { $0.delegate != nil }) else { return self }
        var merged = self
        merged.http = http.flatMap { rule -> [HTTPRule] in
            guard let key = rule.delegate else { return [rule] }
            return delegates(of: key, among: all).compactMap { $0.merged(under: rule) }
        }
        return merged
    }

    private func delegates(of key: ObjectKey, among all: [ObjectKey: VirtualService]) -> [HTTPRule] {
        guard let other = all[key], other.isDelegate, other.visibility.includes(origin.namespace) else { return [] }
        // Delegation goes one step and no further.
        return other.http.filter { $0.delegate == nil }
    }
}

extension HTTPRule {
    /// The object that this rule is left to.
    package var delegate: ObjectKey? { if case .delegate(let key) = outcome { key } else { nil } }

    /// This rule of a delegate, within what the root's rule is about; nil if they contradict each other. What both say
    /// the delegate's rule decides.
    package func merged(under root: HTTPRule) -> HTTPRule? {
        guard let matches = mergedMatches(under: root) else { return nil }
        var merged = self
        merged.matches = matches
        merged.name = joined(root.name, name)
        merged.rewrite = rewrite ?? root.rewrite
        merged.timeout = timeout ?? root.timeout
        merged.retries = retries ?? root.retries
        merged.fault = fault ?? root.fault
        merged.mirrors = mirrors ?? root.mirrors
        merged.cors = cors ?? root.cors
        merged.headers = headers ?? root.headers
        return merged
    }

    private func mergedMatches(under root: HTTPRule) -> [HTTPMatch]? {
        if root.matches.isEmpty { return matches }
        if matches.isEmpty { return root.matches }
        var merged: [HTTPMatch] = []
        for match in matches {
            let fitting = root.matches.filter { match.isWithin($0) }
            // One that fits nowhere makes the whole rule contradict its root.
            if fitting.isEmpty { return nil }
            merged += fitting.map { match.merged(under: $0) }
        }
        return merged
    }
}

extension HTTPMatch {
    /// Whether both can be met by one request, as far as can be told without looking into expressions.
    fileprivate func isWithin(_ root: HTTPMatch) -> Bool {
        let texts = [(path, root.path), (scheme, root.scheme), (method, root.method), (authority, root.authority)]
        guard texts.allSatisfy({ TextMatch.isWithin($0.0, $0.1) }) else { return false }
        let maps = [
            (headers, root.headers), (withoutHeaders, root.withoutHeaders), (queryParameters, root.queryParameters),
        ]
        guard maps.allSatisfy({ own, others in own.allSatisfy { TextMatch.isWithin($0.value, others[$0.key]) } })
        else { return false }
        return ignoresPathCase == root.ignoresPathCase && client.isWithin(root.client)
    }

    fileprivate func merged(under root: HTTPMatch) -> HTTPMatch {
        var merged = self
        merged.name = joined(root.name, name)
        merged.path = path ?? root.path
        merged.scheme = scheme ?? root.scheme
        merged.method = method ?? root.method
        merged.authority = authority ?? root.authority
        merged.headers = root.headers.merging(headers) { _, own in own }
        merged.withoutHeaders = root.withoutHeaders.merging(withoutHeaders) { _, own in own }
        merged.queryParameters = root.queryParameters.merging(queryParameters) { _, own in own }
        if statPrefix.isEmpty { merged.statPrefix = root.statPrefix }
        merged.client.port = client.port ?? root.client.port
        merged.client.namespace = client.namespace ?? root.client.namespace
        merged.client.labels = root.client.labels.merging(client.labels) { _, own in own }
        if client.gateways.isEmpty { merged.client.gateways = root.client.gateways }
        return merged
    }
}

extension ClientMatch {
    fileprivate func isWithin(_ root: ClientMatch) -> Bool {
        if let port, let other = root.port, port != other { return false }
        if let namespace, let other = root.namespace, namespace != other { return false }
        if labels.contains(where: { root.labels[$0.key] ?? $0.value != $0.value }) { return false }
        return gateways.isEmpty || root.gateways.isEmpty || Set(gateways).isSubset(of: root.gateways)
    }
}

extension TextMatch {
    fileprivate static func isWithin(_ own: TextMatch?, _ root: TextMatch?) -> Bool {
        switch (own, root) {
        case (nil, _), (_, nil): true
        case (.present, .present): true
        case (.exact(let text), .exact(let other)): text == other
        case (.exact(let text), .prefix(let prefix)), (.prefix(let text), .prefix(let prefix)):
            text.hasPrefix(prefix)
        default: false
        }
    }
}

private func joined(_ root: String, _ own: String) -> String {
    root.isEmpty || own.isEmpty ? root + own : "\(root)-\(own)"
}
