import KubernetesModel

/// The user and the group that a proxy runs as.
package struct ProxyAccount: Hashable, Sendable {
    package var user: Int64
    package var group: Int64

    /// Where nothing else is dictated.
    static let standard = ProxyAccount(user: 1337, group: 1337)

    package init(user: Int64, group: Int64) {
        self.user = user
        self.group = group
    }

    /// What a namespace of OpenShift leaves to proxies: the last of its users, and the last of its first range of groups.
    /// Applications are given the first ones.
    ///
    /// ```
    /// openshift.io/sa.scc.uid-range: 1000620000/10000             START/COUNT, or FIRST-LAST
    /// openshift.io/sa.scc.supplemental-groups: 1000620000/10000   the same, several with commas; without: as users
    /// ```
    /// - Parameter annotations: Of the namespace; nil for one that dictates no users.
    package init?(namespaceAnnotations annotations: [String: String]) {
        guard let users = annotations["openshift.io/sa.scc.uid-range"], let user = Self.last(of: users) else {
            return nil
        }
        self.user = user
        let groups = annotations["openshift.io/sa.scc.supplemental-groups"]
        group = groups.flatMap { Self.last(of: $0) } ?? user
    }

    private static func last(of ranges: String) -> Int64? {
        let first = ranges.prefix { $0 != "," }.filter { !$0.isWhitespace }
        for separator: Character in ["/", "-"] {
            let parts = first.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 2, let start = Int64(parts[0]), let other = Int64(parts[1]), start >= 0, other >= 1
            else { continue }
            let (last, overflows) = separator == "-" ? (other, false) : start.addingReportingOverflow(other - 1)
            return overflows || last < start ? nil : last
        }
        return nil
    }
}

extension InjectionRequest {
    /// The Pod as a person wrote it: OpenShift writes the first user of the namespace into every container that names
    /// none, the person's own container of the proxy too. As the application's user the proxy would not capture its
    /// traffic.
    var podAsWritten: JSONValue {
        guard account != nil, var containers = pod["spec"]?["containers"]?.array,
            let index = containers.firstIndex(where: { $0["name"]?.string == proxyContainerName })
        else { return pod }
        var isChanged = false
        for field in ["runAsUser", "runAsGroup"] {
            guard let own = containers[index]["securityContext"]?[field], !own.isNull else { continue }
            let others = containers.indices.filter { $0 != index }.map { containers[$0]["securityContext"]?[field] }
            guard others.contains(own) else { continue }
            containers[index]["securityContext", field] = nil
            isChanged = true
        }
        guard isChanged else { return pod }
        var pod = pod
        pod["spec", "containers"] = .array(containers)
        return pod
    }
}
