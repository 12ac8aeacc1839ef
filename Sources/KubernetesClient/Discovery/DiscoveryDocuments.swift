import KubernetesModel

extension DiscoveredAPI {
    /// Adds what an `APIGroupDiscoveryList` tells (aggregated discovery): all groups in one document.
    mutating func add(aggregated document: JSONValue) {
        for group in document["items"]?.array ?? [] {
            let name = group["metadata", "name"]?.string ?? ""
            for version in group["versions"]?.array ?? [] {
                let groupVersion = GroupVersion(group: name, version: version["version"]?.string ?? "")
                note(groupVersion)
                if version["freshness"]?.string == "Stale" {
                    noteUnavailable(groupVersion, because: "its API server did not answer lately")
                }
                for resource in version["resources"]?.array ?? [] {
                    guard let plural = resource["resource"]?.string,
                        let kind = resource["responseKind", "kind"]?.string, !kind.isEmpty
                    else { continue }
                    add(
                        APIResource(
                            group: name, version: groupVersion.version, kind: kind, plural: plural,
                            isNamespaced: resource["scope"]?.string == "Namespaced"))
                }
            }
        }
    }

    /// Adds what an `APIResourceList` tells: the kinds of one version of one group.
    mutating func add(resourceList document: JSONValue, of version: GroupVersion) {
        note(version)
        for resource in document["resources"]?.array ?? [] {
            guard let plural = resource["name"]?.string, !plural.contains("/"), let kind = resource["kind"]?.string
            else { continue }
            add(
                APIResource(
                    group: version.group, version: version.version, kind: kind, plural: plural,
                    isNamespaced: resource["namespaced"]?.bool ?? false))
        }
    }

    /// The versions that an `APIGroupList` names, each group's preferred one first.
    static func versions(groupList document: JSONValue) -> [GroupVersion] {
        (document["groups"]?.array ?? []).flatMap { group in
            let all = (group["versions"]?.array ?? []).compactMap { $0["groupVersion"]?.string }
            let preferred = group["preferredVersion", "groupVersion"]?.string
            return (all.filter { $0 == preferred } + all.filter { $0 != preferred })
                .map(GroupVersion.init(apiVersion:))
        }
    }
}
