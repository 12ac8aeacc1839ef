internal import KubernetesModel

/// The process of ztunnel, with the arguments, ports, variables and rights that Istio gives its own.
func nodeProxyContainer(_ proxy: NodeProxySettings) -> Container {
    // It enters the network namespaces of Pods, which takes SYS_ADMIN, and that implies escalation.
    let rights = fields([
        "allowPrivilegeEscalation": true, "privileged": false, "readOnlyRootFilesystem": true,
        "runAsUser": 0, "runAsGroup": 1337, "runAsNonRoot": false,
        "capabilities": ["drop": ["ALL"], "add": ["NET_ADMIN", "SYS_ADMIN", "NET_RAW"]],
        "seLinuxOptions": proxy.seLinuxOptions,
    ])
    return Container(
        name: "istio-proxy", image: proxy.image, imagePullPolicy: proxy.imagePullPolicy,
        arguments: ["proxy", "ztunnel"], ports: [containerPort(15020, "ztunnel-stats")],
        environment: variables(proxy), readinessProbe: ["httpGet": ["path": "/healthz/ready", "port": 15021]],
        resources: proxy.pod.resources, securityContext: rights, volumeMounts: mounts(proxy))
}

private func variables(_ proxy: NodeProxySettings) -> [JSONValue] {
    var variables = [
        environment("CA_ADDRESS", proxy.certificateAddress), environment("XDS_ADDRESS", proxy.discoveryAddress),
    ]
    if proxy.logsJSON { variables.append(environment("LOG_FORMAT", "json")) }
    if !proxy.network.isEmpty { variables.append(environment("NETWORK", proxy.network)) }
    let patience = proxy.pod.terminationGracePeriod ?? 30
    variables += [
        environment("RUST_LOG", proxy.logLevel),
        environment("RUST_BACKTRACE", "1"),
        environment("ISTIO_META_CLUSTER_ID", proxy.clusterName),
        environment("INPOD_ENABLED", "true"),
        environment("TERMINATION_GRACE_PERIOD_SECONDS", String(patience)),
        environment("POD_NAME", field: "metadata.name"),
        environment("POD_NAMESPACE", field: "metadata.namespace"),
        environment("NODE_NAME", field: "spec.nodeName"),
        environment("INSTANCE_IP", field: "status.podIP"),
        environment("SERVICE_ACCOUNT", field: "spec.serviceAccountName"),
    ]
    variables = environment(variables, overriddenBy: proxy.metadata)
    variables.append(environment("ZTUNNEL_CPU_LIMIT", resource: "limits.cpu"))
    return environment(variables, overriddenBy: proxy.pod.environment)
}

private func mounts(_ proxy: NodeProxySettings) -> [JSONValue] {
    var mounts = [
        volumeMount("istiod-ca-cert", at: "/var/run/secrets/istio"),
        volumeMount("istio-token", at: "/var/run/secrets/tokens"),
        volumeMount("cni-ztunnel-sock-dir", at: "/var/run/ztunnel"), volumeMount("tmp", at: "/tmp"),
    ]
    if proxy.readsRevocations {
        mounts.append(volumeMount("istio-ca-crl", at: "/var/run/secrets/istio/crl", readOnly: true))
    }
    return mounts + proxy.volumeMounts
}

func nodeProxyVolumes(_ install: Install, _ proxy: NodeProxySettings) -> [JSONValue] {
    var volumes = [
        tokenVolume("istio-token", audience: install.tokenAudience),
        configMapVolume("istiod-ca-cert", configMap: proxy.rootConfigMap),
        // Made here, because the agent of the node may come later.
        nodeFolder("cni-ztunnel-sock-dir", "/var/run/ztunnel", type: "DirectoryOrCreate"),
        emptyFolder("tmp"),
    ]
    if proxy.readsRevocations {
        volumes.append(configMapVolume("istio-ca-crl", configMap: "istio-ca-crl", optional: true))
    }
    return volumes + proxy.volumes
}
