package import KubernetesModel

/// What the control plane may do: exactly what it watches and writes, no more.
///
/// - Returns: The rules of its ClusterRole, and of its Role in its own namespace.
package func controlPlaneAccess() -> (cluster: [AccessRule], namespace: [AccessRule]) {
    let cluster = [
        AccessRule(apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"]),
        // The mesh's root certificate is applied to every namespace.
        AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
    ]
    let namespace = [
        // Where the mesh's root key lies. A rule for `create` cannot name its object.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["create"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["cacerts", "istio-ca-secret"], verbs: ["get"]),
        // Leader election.
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"]),
    ]
    return (cluster, namespace)
}

/// What a gateway's Pods may do in their namespace: read the certificates of its listeners.
package func gatewayAccess() -> [AccessRule] {
    [AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"])]
}

/// Every rule that rendered roles grant. Whoever applies the roles has to hold all of them himself.
package func controlPlaneGrants() -> [AccessRule] {
    let access = controlPlaneAccess()
    return access.cluster + access.namespace + gatewayAccess()
}
