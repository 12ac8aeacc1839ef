internal import InstallationValues
internal import KubernetesModel

private let rbacGroup = "rbac.authorization.k8s.io"

func serviceAccount(_ metadata: Metadata, imagePullSecrets: [String]) -> UnstructuredObject {
    let secrets = imagePullSecrets.map { name -> JSONValue in ["name": .string(name)] }
    return object(.serviceAccounts, metadata, ["imagePullSecrets": JSONValue.array(secrets).nonEmpty])
}

func clusterRole(_ metadata: Metadata, _ rules: [AccessRule]) -> UnstructuredObject {
    object(.clusterRoles, metadata, ["rules": .array(rules.map(\.json))])
}

/// A binding of the ClusterRole of the same name.
func clusterRoleBinding(_ metadata: Metadata, to account: ObjectKey) -> UnstructuredObject {
    object(
        .clusterRoleBindings, metadata,
        ["roleRef": roleReference("ClusterRole", metadata.name), "subjects": [subject(account)]])
}

/// A binding of a ClusterRole of another name.
func clusterRoleBinding(_ metadata: Metadata, of role: String, to account: ObjectKey) -> UnstructuredObject {
    object(
        .clusterRoleBindings, metadata,
        ["roleRef": roleReference("ClusterRole", role), "subjects": [subject(account)]])
}

func role(_ metadata: Metadata, _ rules: [AccessRule]) -> UnstructuredObject {
    object(.roles, metadata, ["rules": .array(rules.map(\.json))])
}

/// A binding of the Role of the same name and namespace.
func roleBinding(_ metadata: Metadata, to account: ObjectKey) -> UnstructuredObject {
    object(
        .roleBindings, metadata, ["roleRef": roleReference("Role", metadata.name), "subjects": [subject(account)]])
}

/// A binding of a ClusterRole within a namespace.
func roleBinding(_ metadata: Metadata, ofClusterRole role: String, to account: ObjectKey) -> UnstructuredObject {
    object(
        .roleBindings, metadata,
        ["roleRef": roleReference("ClusterRole", role), "subjects": [subject(account)]])
}

private func roleReference(_ kind: String, _ name: String) -> JSONValue {
    ["apiGroup": .string(rbacGroup), "kind": .string(kind), "name": .string(name)]
}

private func subject(_ account: ObjectKey) -> JSONValue {
    ["kind": "ServiceAccount", "name": .string(account.name), "namespace": .string(account.namespace)]
}
