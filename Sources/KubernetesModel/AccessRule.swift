/// One rule of a Role or ClusterRole (`rbac.authorization.k8s.io/v1`).
package struct AccessRule: Hashable, Sendable {
    /// The core group is the empty string.
    package var apiGroups: [String]
    /// Plural names, with `/subresource` where one is meant.
    package var resources: [String]
    /// Empty: objects of any name.
    package var resourceNames: [String]
    /// Paths that are no resources, such as `/debug/syncz`; a rule for them is for nothing else, and for whole clusters
    /// alone.
    package var nonResourceURLs: [String]
    package var verbs: [String]

    package init(apiGroups: [String], resources: [String], resourceNames: [String] = [], verbs: [String]) {
        self.apiGroups = apiGroups
        self.resources = resources
        self.resourceNames = resourceNames
        nonResourceURLs = []
        self.verbs = verbs
    }

    /// A rule for paths that are no resources.
    package init(nonResourceURLs: [String], verbs: [String]) {
        self.init(apiGroups: [], resources: [], verbs: verbs)
        self.nonResourceURLs = nonResourceURLs
    }

    /// As it stands in a role.
    package var json: JSONValue {
        guard nonResourceURLs.isEmpty else {
            return ["nonResourceURLs": JSONValue(nonResourceURLs), "verbs": JSONValue(verbs)]
        }
        var rule: JSONValue = [
            "apiGroups": JSONValue(apiGroups), "resources": JSONValue(resources), "verbs": JSONValue(verbs),
        ]
        if !resourceNames.isEmpty { rule["resourceNames"] = JSONValue(resourceNames) }
        return rule
    }
}
