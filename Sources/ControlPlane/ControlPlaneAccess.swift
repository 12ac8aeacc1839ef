package import KubernetesModel

/// What the control plane may do in a cluster: what it watches and writes, no more.
package enum ControlPlaneAccess {
    /// Needed in every namespace.
    package static let clusterRules: [AccessRule] = [
        // Where to publish the root, and whether it is still there.
        AccessRule(apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"]),
        AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
    ]

    /// Needed in its own namespace.
    package static let namespaceRules: [AccessRule] = [
        // The mesh's root: read one of two, or make the second.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["create"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["cacerts", "istio-ca-secret"], verbs: ["get"]),
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"]),
    ]
}
