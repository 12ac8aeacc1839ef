internal import InstallationValues
internal import KubernetesModel

/// Name of the agent's ServiceAccount.
let nodeAgentAccount = "istio-cni"

/// The agent's account and access.
func nodeAgentRoles(_ install: Install, _ agent: NodeAgentSettings) -> [UnstructuredObject] {
    let account = ObjectKey(namespace: agent.namespace, name: nodeAgentAccount)
    func granted(_ name: String, boundBy binding: String, _ rules: [AccessRule]) -> [UnstructuredObject] {
        [
            clusterRole(cniMetadata(name), rules),
            clusterRoleBinding(cniMetadata(binding), of: name, to: account),
        ]
    }
    var rules = NodeAccess.agent
    if install.platform == Platform.openshift.rawValue { rules += NodeAccess.privilegedPods }
    var objects = [
        serviceAccount(cniMetadata(nodeAgentAccount, in: agent.namespace), imagePullSecrets: install.imagePullSecrets)
    ]
    objects += granted("istio-cni", boundBy: "istio-cni", rules)
    if let repair = agent.plugin.repair {
        objects += granted(
            "istio-cni-repair-role", boundBy: "istio-cni-repair-rolebinding", NodeAccess.repairing(by: repair))
    }
    if agent.plugin.isAmbient {
        objects += granted("istio-cni-ambient", boundBy: "istio-cni-ambient", NodeAccess.ambient)
    }
    if !agent.furtherRole.isEmpty {
        objects.append(
            roleBinding(
                cniMetadata("istio-cni-psp", in: agent.namespace), ofClusterRole: agent.furtherRole, to: account))
    }
    return objects
}

/// What the programs that run on every node may do.
enum NodeAccess {
    /// The agent finds out which Pods of its node belong to the mesh.
    static let agent = [
        AccessRule(apiGroups: [""], resources: ["namespaces", "nodes", "pods"], verbs: ["get", "list", "watch"])
    ]

    /// In ambient mode it notes on each Pod that it has been taken in, and asks whether it will be replaced when it
    /// ends: only when it goes for good does it let the Pods go.
    static let ambient = [
        AccessRule(apiGroups: [""], resources: ["pods/status"], verbs: ["patch", "update"]),
        AccessRule(
            apiGroups: ["apps"], resources: ["daemonsets"], resourceNames: [nodeAgentName], verbs: ["get"]),
    ]

    /// On OpenShift: Pods that get at the node.
    static let privilegedPods = [
        AccessRule(
            apiGroups: ["security.openshift.io"], resources: ["securitycontextconstraints"],
            resourceNames: ["privileged"], verbs: ["use"])
    ]

    /// Finding Pods that started without the plugin, telling about them, and doing something about it.
    static func repairing(by repair: PluginSettings.Repair) -> [AccessRule] {
        let finding = [
            AccessRule(apiGroups: [""], resources: ["events"], verbs: ["create", "patch"]),
            AccessRule(apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"]),
        ]
        switch repair {
        case .rewire, .nothing: return finding
        case .delete: return finding + [AccessRule(apiGroups: [""], resources: ["pods"], verbs: ["delete"])]
        case .label:
            // Labels can be written through the status too, which is the smaller right.
            return finding + [AccessRule(apiGroups: [""], resources: ["pods/status"], verbs: ["patch", "update"])]
        }
    }
}

/// Every rule that the roles of the CNI plugin and of ztunnel may grant.
func nodeGrants() -> [AccessRule] {
    NodeAccess.agent + NodeAccess.ambient + NodeAccess.privilegedPods + NodeAccess.repairing(by: .delete)
        + NodeAccess.repairing(by: .label)
}
