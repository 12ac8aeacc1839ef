import InstallationValues
import IstioAPI
package import KubernetesModel
import ManifestRenderer

/// What the operator may do in a cluster: derived from what it renders, watches and writes, nothing by hand.
package enum OperatorAccess {
    /// Rules of the operator's ClusterRole.
    ///
    /// Kubernetes lets nobody grant what he may not do himself, so the rules hold everything that the control
    /// plane's own roles grant.
    package static var clusterRules: [AccessRule] {
        merged(ownResources + installedResources + unlinkedResources + observedPaths + controlPlaneGrants())
    }

    /// Rules of the operator's Role in its own namespace: leader election.
    package static let namespaceRules: [AccessRule] = [
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"])
    ]

    /// Rules that it needs besides to install Istio's images: what their roles may grant, and do in every profile.
    ///
    /// A right that cannot be given by name, such as one on all resources of a group, is given as it stands there.
    package static var istioImagesRules: [AccessRule] {
        let facts = ClusterFacts(kubernetesMinor: 33)
        let rules = Profile.allCases.flatMap { profile -> [AccessRule] in
            var spec = IstioOperatorSpec()
            spec.profile = profile.rawValue
            spec.hub = "docker.io/istio"
            spec.tag = "latest"
            spec.values = ["apus": ["rbac": "istio"]]
            let input = RenderInput(owner: ObjectKey(namespace: "", name: name), spec: spec, facts: facts)
            return ((try? manifests(for: input))?.manifests ?? []).flatMap(\.object.grantedRules)
        }
        let known = Set(clusterRules)
        return merged(rules + controlPlaneGrants(.istio)).filter { !known.contains($0) }
    }

    private static let name = "istio-images"

    /// What it reconciles and tells about.
    private static let ownResources: [AccessRule] = [
        rule(.istioOperators, ["get", "list", "watch", "patch"]),
        rule(.istioOperators, ["patch"], subresource: "status"),
        rule(.events, ["create", "patch"]),
    ]

    /// What it applies, watches for drift, and prunes.
    private static var installedResources: [AccessRule] {
        renderedResources().map { resource in
            let verbs = ["create", "get", "list", "patch", "watch"]
            return rule(resource, InstallPlan.isKept(resource.groupKind) ? verbs : verbs + ["delete"])
        }
    }

    /// What it reads to probe webhook servers, and removes after an uninstall.
    private static let unlinkedResources: [AccessRule] = [
        rule(.endpoints, ["get"]),
        AccessRule(
            apiGroups: [APIResource.leases.group], resources: [APIResource.leases.plural],
            resourceNames: Uninstallation.leases.sorted(), verbs: ["delete"]),
    ]

    /// What control planes tell it of their proxies.
    private static let observedPaths: [AccessRule] = [AccessRule(nonResourceURLs: ["/debug/syncz"], verbs: ["get"])]

    private static func rule(_ resource: APIResource, _ verbs: [String], subresource: String? = nil) -> AccessRule {
        AccessRule(
            apiGroups: [resource.group], resources: [resource.plural + (subresource.map { "/\($0)" } ?? "")],
            verbs: verbs)
    }

    /// One rule for each set of resources with the same verbs, sorted, so that the file changes only with its meaning.
    static func merged(_ rules: [AccessRule]) -> [AccessRule] {
        struct Target: Hashable {
            var group: String
            var resource: String
            var names: [String]
        }
        struct Grant: Hashable {
            var group: String
            var names: [String]
            var verbs: [String]
        }
        var verbs: [Target: Set<String>] = [:]
        for rule in rules {
            for group in rule.apiGroups {
                for resource in rule.resources {
                    verbs[Target(group: group, resource: resource, names: rule.resourceNames), default: []]
                        .formUnion(rule.verbs)
                }
            }
        }
        for (target, named) in verbs where !target.names.isEmpty {
            let unnamed = verbs[Target(group: target.group, resource: target.resource, names: [])] ?? []
            let rest = named.subtracting(unnamed)
            verbs[target] = rest.isEmpty ? nil : rest
        }
        let grants = Dictionary(grouping: verbs) {
            Grant(group: $0.key.group, names: $0.key.names, verbs: $0.value.sorted())
        }
        return grants.map { grant, targets in
            AccessRule(
                apiGroups: [grant.group], resources: targets.map(\.key.resource).sorted(),
                resourceNames: grant.names, verbs: grant.verbs)
        }.sorted { ($0.apiGroups[0], $0.resources[0], $0.verbs[0]) < ($1.apiGroups[0], $1.resources[0], $1.verbs[0]) }
            + mergedPaths(rules)
    }

    private static func mergedPaths(_ rules: [AccessRule]) -> [AccessRule] {
        var verbs: [String: Set<String>] = [:]
        for rule in rules { for path in rule.nonResourceURLs { verbs[path, default: []].formUnion(rule.verbs) } }
        return Dictionary(grouping: verbs) { $0.value.sorted() }.sorted { $0.key.joined() < $1.key.joined() }
            .map { AccessRule(nonResourceURLs: $1.map(\.key).sorted(), verbs: $0) }
    }
}

extension UnstructuredObject {
    /// The rules of a Role or ClusterRole; none of other kinds.
    fileprivate var grantedRules: [AccessRule] {
        guard ["Role", "ClusterRole"].contains(kind) else { return [] }
        func texts(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }
        return (json["rules"]?.array ?? []).map { rule in
            let paths = texts(rule["nonResourceURLs"])
            guard paths.isEmpty else { return AccessRule(nonResourceURLs: paths, verbs: texts(rule["verbs"])) }
            return AccessRule(
                apiGroups: texts(rule["apiGroups"]), resources: texts(rule["resources"]),
                resourceNames: texts(rule["resourceNames"]), verbs: texts(rule["verbs"]))
        }
    }
}
