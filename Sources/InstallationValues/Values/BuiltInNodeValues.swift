internal import KubernetesModel

/// The built-in values of the CNI plugin, under the names that Istio gives them.
func nodeAgentValues() -> JSONValue {
    let process: JSONValue = [
        "env": [:], "hub": "", "image": "install-cni", "logging": ["level": ""], "privileged": false,
        "pullPolicy": "", "resources": ["requests": ["cpu": "100m", "memory": "100Mi"]], "seLinuxOptions": [:],
        "seccompProfile": [:], "tag": "", "useAppArmorAnnotation": true, "variant": "",
    ]
    let plugin: JSONValue = [
        "chained": true, "cniBinDir": "/opt/cni/bin", "cniConfDir": "/etc/cni/net.d", "cniConfFileName": "",
        "cniNetnsDir": "/var/run/netns", "excludeNamespaces": ["kube-system"], "istioOwnedCNIConfig": false,
        "istioOwnedCNIConfigFileName": "", "provider": "default",
    ]
    let placing: JSONValue = [
        "affinity": [:], "daemonSetLabels": [:], "podAnnotations": [:], "podLabels": [:],
        "resourceQuotas": ["enabled": false, "pods": 5000], "rollingMaxUnavailable": 1,
        "tolerations": everyTaint,
    ]
    let nested: JSONValue = ["ambient": ambientValues(), "repair": repairValues()]
    return process.merging(plugin).merging(placing).merging(nested)
}

/// Which Pods are taken into ambient mode, and how.
private func ambientValues() -> JSONValue {
    let label = "istio.io/dataplane-mode"
    let labelled: JSONValue = ["matchLabels": .object([label: "ambient"])]
    let refused: JSONValue = ["key": .string(label), "operator": "NotIn", "values": ["none"]]
    return [
        "dnsCapture": true, "enableAmbientDetectionRetry": false, "enabled": false,
        "enablementSelectors": [
            ["podSelector": labelled],
            ["podSelector": ["matchExpressions": [refused]], "namespaceSelector": labelled],
        ],
        "ipv6": true, "reconcileIptablesOnStartup": true, "shareHostNetworkNamespace": false,
    ]
}

/// What is done about Pods that started before the plugin stood.
private func repairValues() -> JSONValue {
    [
        "brokenPodLabelKey": "cni.istio.io/uninitialized", "brokenPodLabelValue": "true", "deletePods": false,
        "enabled": true, "initContainerName": "istio-validation", "labelPods": false, "repairPods": true,
    ]
}

/// The built-in values of ztunnel, under the names that Istio gives them.
func nodeProxyValues() -> JSONValue {
    [
        "affinity": [:], "annotations": [:], "caAddress": "", "env": [:], "hub": "", "image": "ztunnel",
        "imagePullPolicy": "", "imagePullSecrets": [], "istioNamespace": "", "labels": [:], "logAsJson": false,
        "logLevel": "info", "meshConfig": [:], "multiCluster": ["clusterName": ""], "network": "",
        "nodeSelector": [:], "podAnnotations": ["prometheus.io/port": "15020", "prometheus.io/scrape": "true"],
        "podLabels": [:], "resourceName": "", "resourceQuotas": ["enabled": false, "pods": 5000],
        "resources": ["requests": ["cpu": "200m", "memory": "512Mi"]], "revision": "", "seLinuxOptions": [:],
        "tag": "", "terminationGracePeriodSeconds": 30, "tolerations": everyTaint,
        "updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]],
        "variant": "", "volumeMounts": [], "volumes": [], "xdsAddress": "",
    ]
}

/// What lets Pods onto every node and keeps them there.
private let everyTaint: JSONValue = [
    ["effect": "NoSchedule", "operator": "Exists"], ["key": "CriticalAddonsOnly", "operator": "Exists"],
    ["effect": "NoExecute", "operator": "Exists"],
]
