import CertificateService
package import KubernetesClient
package import KubernetesModel

/// One thing that an account may be allowed in a cluster.
package struct ClusterRight: Hashable, Sendable, CustomStringConvertible {
    package var verb: String
    package var group: String
    /// Plural name.
    package var resource: String
    /// In which namespace, and which object; empty: in all, and any.
    package var object: ObjectKey

    package init(
        _ verb: String, _ resource: String, group: String = "", of object: ObjectKey = ObjectKey(name: "")
    ) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.object = object
    }

    package var description: String {
        "\(verb) \(resource)\(group.isEmpty ? "" : ".\(group)")\(object.name.isEmpty ? "" : " \(object)")"
    }

    /// Whether a rule for all namespaces grants it.
    package func isGranted(by rule: AccessRule) -> Bool {
        func holds(_ values: [String], _ value: String) -> Bool { values.contains(value) || values.contains("*") }
        return (rule.resourceNames.isEmpty || rule.resourceNames.contains(object.name)) && holds(rule.apiGroups, group)
            && holds(rule.resources, resource) && holds(rule.verbs, verb)
    }
}

/// What something that is done in another cluster takes of the account that the control plane was let in with.
package struct RemoteNeed: Hashable, Sendable {
    /// What is not done without, as a whole sentence.
    package var loss: String
    /// Of each of these one has to be allowed.
    package var rights: [[ClusterRight]]

    package init(_ loss: String, _ rights: [[ClusterRight]]) {
        self.loss = loss
        self.rights = rights
    }

    /// Its objects are followed.
    package static func watching(_ resource: APIResource) -> RemoteNeed {
        RemoteNeed(
            "\(resource.kind) objects of that cluster do not count",
            ["list", "watch"].map { [ClusterRight($0, resource.plural, group: resource.group)] })
    }

    /// What is followed of another cluster.
    ///
    /// - Parameter api: What its server has.
    package static func watching(servedBy api: DiscoveredAPI) -> [RemoteNeed] {
        WatchedKind.cluster(servedBy: api).map(\.need)
    }

    /// Its proxies show tokens that were issued there.
    package static let tokens = RemoteNeed(
        "proxies of that cluster are known by certificates alone, and get no first one",
        [[ClusterRight("create", "tokenreviews", group: "authentication.k8s.io")]])

    /// The proxies of its nodes speak for Pods.
    package static let impersonation = RemoteNeed(
        "proxies of that cluster's nodes get no certificates of the Pods there",
        ["get", "list"].map { [ClusterRight($0, "pods")] })

    /// Its gateways get certificates from Secrets there.
    package static let credentials = RemoteNeed(
        "gateways of that cluster get certificates from Secrets of the control plane's own cluster alone",
        ["list", "watch"].map { [ClusterRight($0, "secrets")] } + [
            [ClusterRight("create", "subjectaccessreviews", group: "authorization.k8s.io")]
        ])

    /// The mesh's root is published there.
    package static let roots = RemoteNeed(
        "the mesh's root is not published in that cluster",
        ["list", "watch"].flatMap { verb in ["namespaces", "configmaps"].map { [ClusterRight(verb, $0)] } } + [
            [ClusterRight("create", "configmaps")],
            [ClusterRight("patch", "configmaps"), ClusterRight("update", "configmaps")],
        ])

    /// Control planes of several clusters agree there which of them does something: they hold a Lease by turns.
    ///
    /// - Parameter key: Of the Lease, in the control planes' namespace.
    package static func election(by key: ObjectKey) -> RemoteNeed {
        let any = ObjectKey(namespace: key.namespace, name: "")
        return RemoteNeed(
            "control planes do not agree in that cluster which of them does what",
            [("create", any), ("get", key), ("update", key)].map {
                [ClusterRight($0, "leases", group: "coordination.k8s.io", of: $1)]
            })
    }

    /// API servers there trust the webhooks here.
    package static let webhooks = RemoteNeed(
        "webhook configurations of that cluster are not told the mesh's root",
        ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"].flatMap { plural in
            let rights = ["list", "watch", "patch", "update"].map {
                ClusterRight($0, plural, group: "admissionregistration.k8s.io")
            }
            return [[rights[0]], [rights[1]], [rights[2], rights[3]]]
        })
}
