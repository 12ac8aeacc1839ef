internal import KubernetesModel

/// Name of the ConfigMap that the agent takes its variables from.
let nodeAgentConfig = "istio-cni-config"

/// The process of the agent, with the arguments, ports, variables and rights that Istio gives its own.
func nodeAgentContainer(_ install: Install, _ agent: NodeAgentSettings) -> JSONValue {
    let container = Container(
        name: "install-cni", image: agent.image, imagePullPolicy: agent.imagePullPolicy,
        arguments: arguments(install, agent), ports: [containerPort(15014, "metrics")],
        environment: variables(agent), readinessProbe: ["httpGet": ["path": "/readyz", "port": 8000]],
        resources: agent.pod.resources, securityContext: rights(agent), volumeMounts: mounts(agent))
    return container.json.merging([
        "command": ["install-cni"], "envFrom": [["configMapRef": ["name": .string(nodeAgentConfig)]]],
    ])
}

private func arguments(_ install: Install, _ agent: NodeAgentSettings) -> [String] {
    var arguments: [String] = []
    if !agent.logLevel.isEmpty { arguments.append("--log_output_level=\(agent.logLevel)") }
    if install.logsJSON { arguments.append("--log_as_json") }
    return arguments
}

private func variables(_ agent: NodeAgentSettings) -> [JSONValue] {
    var variables: [JSONValue] = [
        environment("REPAIR_NODE_NAME", field: "spec.nodeName"),
        environment("REPAIR_RUN_AS_DAEMON", "true"),
        environment("REPAIR_SIDECAR_ANNOTATION", "sidecar.istio.io/status"),
    ]
    if !agent.plugin.sharesHostNetwork { variables.append(environment("ALLOW_SWITCH_TO_HOST_NS", "true")) }
    variables += [
        environment("NODE_NAME", field: "spec.nodeName"),
        environment("GOMEMLIMIT", resource: "limits.memory"),
        environment("POD_NAME", field: "metadata.name"),
        environment("POD_NAMESPACE", field: "metadata.namespace"),
    ]
    return environment(variables, overriddenBy: agent.pod.environment)
}

/// It works on the networks, files and processes of its node, as root, but with these capabilities alone.
private func rights(_ agent: NodeAgentSettings) -> JSONValue {
    let capabilities: JSONValue = [
        "drop": ["ALL"], "add": ["NET_ADMIN", "NET_RAW", "SYS_PTRACE", "SYS_ADMIN", "DAC_OVERRIDE"],
    ]
    return fields([
        "privileged": .bool(agent.isPrivileged), "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false,
        "capabilities": capabilities, "seccompProfile": agent.seccompProfile, "seLinuxOptions": agent.seLinuxOptions,
        "appArmorProfile": agent.usesAppArmorAnnotation ? .none : .some(["type": "Unconfined"]),
    ])
}

private func mounts(_ agent: NodeAgentSettings) -> [JSONValue] {
    var mounts = [volumeMount("cni-bin-dir", at: "/host/opt/cni/bin")]
    if agent.plugin.entersPods { mounts.append(volumeMount("cni-host-procfs", at: "/host/proc", readOnly: true)) }
    mounts += [
        volumeMount("cni-net-dir", at: "/host/etc/cni/net.d"),
        volumeMount("cni-socket-dir", at: "/var/run/istio-cni"),
    ]
    guard agent.plugin.isAmbient else { return mounts }
    var namespaces = volumeMount("cni-netns-dir", at: "/host/var/run/netns")
    namespaces["mountPropagation"] = "HostToContainer"
    return mounts + [namespaces, volumeMount("cni-ztunnel-sock-dir", at: "/var/run/ztunnel")]
}

func nodeAgentVolumes(_ agent: NodeAgentSettings) -> [JSONValue] {
    var volumes = [nodeFolder("cni-bin-dir", agent.programs)]
    if agent.plugin.entersPods { volumes.append(nodeFolder("cni-host-procfs", "/proc", type: "Directory")) }
    if agent.plugin.isAmbient {
        volumes.append(nodeFolder("cni-ztunnel-sock-dir", "/var/run/ztunnel", type: "DirectoryOrCreate"))
    }
    return volumes + [
        nodeFolder("cni-net-dir", agent.configuration), nodeFolder("cni-socket-dir", "/var/run/istio-cni"),
        // Container runtimes make it with the first Pod that has a network of its own.
        nodeFolder("cni-netns-dir", agent.networkNamespaces, type: "DirectoryOrCreate"),
    ]
}
