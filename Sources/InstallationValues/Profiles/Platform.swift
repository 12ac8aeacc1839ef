internal import KubernetesModel

/// The environments that need settings of their own, by what `values.global.platform` calls them.
package enum Platform: String, CaseIterable, Sendable {
    case gke
    case k3d
    case k3s
    case microk8s
    case minikube
    case openshift

    /// The values that hold there.
    var values: JSONValue {
        switch self {
        case .gke:
            // Pods of the class system-node-critical may run only where a quota for it stands.
            [
                "cni": ["cniBinDir": "/home/kubernetes/bin", "resourceQuotas": ["enabled": true]],
                "ztunnel": ["resourceQuotas": ["enabled": true]],
            ]
        case .k3d: folders(programs: "/bin", configuration: "/var/lib/rancher/k3s/agent/etc/cni/net.d")
        case .k3s:
            folders(
                programs: "/var/lib/rancher/k3s/data/cni", configuration: "/var/lib/rancher/k3s/agent/etc/cni/net.d")
        case .microk8s:
            folders(
                programs: "/var/snap/microk8s/current/opt/cni/bin",
                configuration: "/var/snap/microk8s/current/args/cni-network")
        case .minikube: ["cni": ["cniNetnsDir": "/var/run/docker/netns"]]
        case .openshift: openShift()
        }
    }
}

/// Where the programs of CNI plugins and their configuration lie on each node.
private func folders(programs: String, configuration: String) -> JSONValue {
    ["cni": ["cniBinDir": .string(programs), "cniConfDir": .string(configuration)]]
}

/// Multus calls the plugin by a configuration file of its own, and SELinux keeps containers from the node's folders.
private func openShift() -> JSONValue {
    let plugin: JSONValue = ["chained": false, "cniConfFileName": "istio-cni.conf", "provider": "multus"]
    let programs = folders(programs: "/var/lib/cni/bin", configuration: "/etc/cni/multus/net.d")
    return programs.merging([
        "cni": plugin.merging(["seLinuxOptions": ["type": "spc_t"]]),
        "pilot": ["cni": ["enabled": true, "provider": "multus"]],
        "ztunnel": ["seLinuxOptions": ["type": "spc_t"]],
    ])
}
