package import KubernetesModel

/// All DestinationRules, by name and by the hosts that they are for.
///
/// Rules for one host in one namespace are one rule: the oldest says how the service is treated, all of them add their
/// subsets. Those that differ in the clients they are for, or in who sees them, stay apart.
package struct DestinationRules: Hashable, Sendable, ConfigurationTable {
    private var byName: [ObjectKey: DestinationRule] = [:]
    /// Derived from `byName`: for each namespace and host the rules, the older first.
    private var byHost: [String: [String: Group]] = [:]
    /// How many rules have a key of labels in their selector of clients, or look at places of endpoints.
    private var selectorKeys: [String: Int] = [:]
    private var priorityKeys: [String: Int] = [:]
    private var placing = 0
    private var nodes = 0

    fileprivate struct Group: Sendable {
        var members: [DestinationRule] = []
        /// One for each selector and visibility.
        var merged: [DestinationRule] = []
    }

    package init() {}

    package static func == (left: DestinationRules, right: DestinationRules) -> Bool { left.byName == right.byName }
    package func hash(into hasher: inout Hasher) { byName.hash(into: &hasher) }

    package var isEmpty: Bool { byName.isEmpty }
    package var count: Int { byName.count }
    package var all: [ObjectKey: DestinationRule] { byName }

    /// Labels that tell clients apart.
    package var clientLabelKeys: Set<String> { Set(selectorKeys.keys) }
    /// Labels that endpoints should share with their caller.
    package var endpointLabelKeys: Set<String> { Set(priorityKeys.keys) }
    /// Whether it matters anywhere where a caller is.
    package var seesPlaces: Bool { placing > 0 }
    /// Whether it matters anywhere on which node a caller is.
    package var seesNodes: Bool { nodes > 0 }

    /// The rule of a name. Setting it costs as much as there are rules for its host in its namespace.
    package subscript(_ name: ObjectKey) -> DestinationRule? {
        get { byName[name] }
        set {
            if let old = byName[name] { remove(old) }
            byName[name] = newValue
            if let newValue { add(newValue) }
        }
    }

    private mutating func add(_ rule: DestinationRule) {
        byHost[rule.origin.namespace, default: [:]][rule.host, default: Group()].add(rule)
        count(rule, 1)
    }

    private mutating func remove(_ rule: DestinationRule) {
        let namespace = rule.origin.namespace
        byHost[namespace]?[rule.host]?.remove(rule)
        if byHost[namespace]?[rule.host]?.members.isEmpty ?? false { byHost[namespace]?[rule.host] = nil }
        if byHost[namespace]?.isEmpty ?? false { byHost[namespace] = nil }
        count(rule, -1)
    }

    private mutating func count(_ rule: DestinationRule, _ step: Int) {
        func count(_ key: String, in counts: inout [String: Int]) {
            counts[key, default: 0] += step
            if counts[key] == 0 { counts[key] = nil }
        }
        for key in rule.workloadSelector?.keys.map(\.self) ?? [] { count(key, in: &selectorKeys) }
        for key in rule.priorityLabelKeys { count(key, in: &priorityKeys) }
        if rule.seesPlaces { placing += step }
        if rule.seesNodes { nodes += step }
    }

    // MARK: - Looking up

    /// The rule that counts for calls of a service: one that the client's namespace has for itself, else one that the
    /// service's namespace has for others, else one of the root namespace. In each of them the one with the most
    /// specific host counts.
    ///
    /// - Parameters:
    ///   - host: Of the service; may have a leading `*`.
    ///   - namespace: Of the service.
    ///   - client: The namespace of the client.
    ///   - labels: Of the client.
    ///   - root: The namespace whose configuration holds for all.
    package func rule(
        for host: String, in namespace: String, from client: String, labels: [String: String], root: String
    ) -> DestinationRule? {
        guard !byName.isEmpty else { return nil }
        if client != root {
            if let own = rule(for: host, of: client, from: client, labels: labels) { return own }
        } else if let own = rule(for: host, of: root, from: root, labels: labels, isPrivate: true) {
            return own
        }
        return rule(for: host, of: namespace, from: client, labels: labels)
            ?? rule(for: host, of: root, from: client, labels: labels)
    }

    private func rule(
        for host: String, of namespace: String, from client: String, labels: [String: String],
        isPrivate: Bool = false
    ) -> DestinationRule? {
        guard let hosts = byHost[namespace] else { return nil }
        for pattern in HostPatterns(matching: host) {
            guard let group = hosts[pattern] else { continue }
            let usable = group.merged.filter { rule in
                rule.visibility.includes(client) && rule.isFor(labels)
                    && (!isPrivate || rule.visibility == Visibility(namespaces: [namespace]))
            }
            // One for these very clients is rather meant than one for all.
            if let rule = usable.first(where: { $0.workloadSelector != nil }) ?? usable.last { return rule }
        }
        return nil
    }
}

/// A subset of a DestinationRule that does not count: an older rule for the same host has one of the name.
package struct RepeatedSubset: Hashable, Sendable {
    package var rule: ObjectKey
    package var host: String
    package var name: String
}

extension DestinationRules {
    /// Subsets that do not count beside others, in no order.
    package var repeatedSubsets: Set<RepeatedSubset> {
        var found: Set<RepeatedSubset> = []
        for group in byHost.values.lazy.flatMap(\.values) where group.members.count > 1 {
            for (index, rule) in group.members.enumerated() {
                let older = group.members[..<index].filter { $0.isJoined(by: rule) }
                for subset in rule.subsets where older.contains(where: { $0.subset(subset.name) != nil }) {
                    found.insert(RepeatedSubset(rule: rule.origin.reference.key, host: rule.host, name: subset.name))
                }
            }
        }
        return found
    }
}

extension DestinationRule {
    /// Whether they are for the same clients, so that they are one rule.
    fileprivate func isJoined(by other: DestinationRule) -> Bool {
        workloadSelector == other.workloadSelector && visibility == other.visibility
    }
}

extension DestinationRules.Group {
    mutating func add(_ rule: DestinationRule) {
        let place = members.firstIndex { rule.origin < $0.origin } ?? members.endIndex
        members.insert(rule, at: place)
        merge()
    }

    mutating func remove(_ rule: DestinationRule) {
        members.removeAll { $0.origin.reference == rule.origin.reference }
        merge()
    }

    private mutating func merge() {
        merged = []
        for rule in members {
            let same = merged.firstIndex { $0.isJoined(by: rule) }
            if let same { merged[same].join(rule) } else { merged.append(rule) }
        }
    }
}
