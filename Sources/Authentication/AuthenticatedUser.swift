package import KubernetesModel
package import MeshModel

/// Whom the API server takes the holder of a token for.
package struct AuthenticatedUser: Hashable, Sendable {
    package var name: String
    package var uid: String
    package var groups: [String]
    /// Such as the Pod that a token is bound to.
    package var extra: [String: [String]]

    package init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// Reads `status.user` of a TokenReview; nil without a name.
    package init?(_ json: JSONValue?) {
        guard let name = json?["username"]?.string, !name.isEmpty else { return nil }
        func strings(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
        self.init(
            name: name, uid: json?["uid"]?.string ?? "", groups: strings(json?["groups"]),
            extra: (json?["extra"]?.object ?? [:]).mapValues(strings))
    }

    /// As a ServiceAccount; nil for all other users.
    package var serviceAccount: WorkloadIdentity? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", !parts[2].isEmpty,
            !parts[3].isEmpty
        else { return nil }
        return WorkloadIdentity(namespace: String(parts[2]), serviceAccount: String(parts[3]))
    }
}
