import KubernetesModel

extension TemplateContext {
    /// The template `gateway`: a Pod whose one container becomes a proxy that stands at the edge of the mesh.
    func gatewayPod() -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(proxyContainerName), "image": .string(image), "ports": [envoyMetricsPort],
            "args": JSONValue(gatewayArguments), "env": .array(environment()), "volumeMounts": .array(agentMounts()),
            "securityContext": [
                "allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
                "runAsNonRoot": true, "runAsUser": .integer(user), "runAsGroup": .integer(group),
                "capabilities": ["drop": ["ALL"]],
            ],
            "readinessProbe": readinessProbe(
                delay: values.proxy.readinessDelay, period: values.proxy.readinessPeriod,
                threshold: values.proxy.readinessFailureThreshold),
        ]
        if !values.imagePullPolicy.isEmpty { container["imagePullPolicy"] = .string(values.imagePullPolicy) }
        container["lifecycle"] = values.proxy.lifecycle
        var spec: [String: JSONValue] = [
            "containers": [.object(container)], "volumes": .array(agentVolumes()),
            "securityContext": values.gatewaySecurityContext ?? TemplateContext.lowPorts,
        ]
        spec["imagePullSecrets"] = imagePullSecrets
        let metadata: JSONValue = [
            "labels": .object(canonicalLabels), "annotations": ["istio.io/rev": .string(revision)],
        ]
        return ["metadata": metadata, "spec": .object(spec)]
    }

    private var gatewayArguments: [String] {
        agentArguments("router") + (values.proxy.logsJSON ? ["--log_as_json"] : [])
    }

    /// Gateways listen on ports below 1024 without being root.
    private static let lowPorts: JSONValue = [
        "sysctls": [["name": "net.ipv4.ip_unprivileged_port_start", "value": "0"]]
    ]
}
