package import KubernetesModel

/// The kinds that an API server serves, and in which versions.
package struct DiscoveredAPI: Hashable, Sendable {
    private var resources: [GroupVersionKind: APIResource]
    /// The versions of each group, the server's preferred one first.
    private var versions: [String: [String]]
    /// Versions that could not be asked about, and why. An aggregated API whose server is down is one.
    package private(set) var unavailable: [GroupVersion: String]

    /// - Parameters:
    ///   - resources: Preferred versions of a group before others.
    package init(_ resources: [APIResource] = [], unavailable: [GroupVersion: String] = [:]) {
        self.resources = [:]
        versions = [:]
        self.unavailable = unavailable
        for resource in resources { add(resource) }
    }

    /// Adds a kind. A group's versions keep the order they come in.
    mutating func add(_ resource: APIResource) {
        // Kinds may come under several names (deployments and its scale, old aliases): the first is the real one.
        if resources[resource.groupVersionKind] == nil { resources[resource.groupVersionKind] = resource }
        note(resource.groupVersion)
    }

    /// Adds a version of a group, even one without kinds.
    mutating func note(_ version: GroupVersion) {
        if !versions[version.group, default: []].contains(version.version) {
            versions[version.group, default: []].append(version.version)
        }
    }

    mutating func noteUnavailable(_ version: GroupVersion, because problem: String) {
        unavailable[version] = problem
    }

    /// Every kind in every version served.
    package var served: Set<GroupVersionKind> { Set(resources.keys) }

    /// Whether a kind is served in a version.
    package func serves(_ kind: GroupVersionKind) -> Bool { resources[kind] != nil }

    /// Whether a version of a group is served.
    package func serves(_ version: GroupVersion) -> Bool {
        versions[version.group]?.contains(version.version) ?? false
    }

    /// How a kind is served in a version; nil if it is not.
    package func resource(for kind: GroupVersionKind) -> APIResource? { resources[kind] }

    /// How a kind is served in the version that the server prefers; nil if it is not.
    package func resource(for kind: GroupKind) -> APIResource? {
        preferred(kind.group, kind.kind, among: versions[kind.group] ?? [])
    }

    /// How a kind is served in the first of `versions` that the server has; nil if it has none.
    package func preferred(_ group: String, _ kind: String, among versions: [String]) -> APIResource? {
        for version in versions {
            if let resource = resources[GroupVersionKind(group: group, version: version, kind: kind)] {
                return resource
            }
        }
        return nil
    }
}
