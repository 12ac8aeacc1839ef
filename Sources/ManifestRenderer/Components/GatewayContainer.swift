internal import InstallationValues
internal import KubernetesModel

/// The proxy of a gateway, with the arguments, ports and variables that Istio gives its own.
func proxyContainer(_ install: Install, _ gateway: GatewaySettings) -> Container {
    let probe: JSONValue = [
        "httpGet": ["path": "/healthz/ready", "port": 15021, "scheme": "HTTP"], "failureThreshold": 30,
        "initialDelaySeconds": 1, "periodSeconds": 2, "successThreshold": 1, "timeoutSeconds": 1,
    ]
    return Container(
        name: "istio-proxy", image: gateway.image, imagePullPolicy: install.imagePullPolicy,
        arguments: proxyArguments(install, gateway), ports: proxyPorts(gateway),
        environment: proxyEnvironment(install, gateway), readinessProbe: probe, resources: gateway.pod.resources,
        securityContext: restrictedContainer(runsAsRoot: gateway.runsAsRoot), volumeMounts: proxyMounts(gateway))
}

/// What injection does not know about the proxy of a gateway.
func injectedProxy(_ gateway: GatewaySettings) -> JSONValue {
    fields([
        "name": "istio-proxy", "image": "auto", "ports": .array(proxyPorts(gateway)),
        "env": JSONValue.array(environment([], overriddenBy: gateway.pod.environment)).nonEmpty,
        "resources": gateway.pod.resources, "volumeMounts": JSONValue.array(chosenMounts(gateway)).nonEmpty,
        "securityContext": restrictedContainer(runsAsRoot: gateway.runsAsRoot),
    ])
}

private func proxyArguments(_ install: Install, _ gateway: GatewaySettings) -> [String] {
    var arguments = ["proxy", "router", "--domain", "$(POD_NAMESPACE).svc.\(install.clusterDomain)"]
    if !gateway.logLevel.isEmpty { arguments.append("--proxyLogLevel=\(gateway.logLevel)") }
    if !gateway.componentLogLevel.isEmpty {
        arguments.append("--proxyComponentLogLevel=\(gateway.componentLogLevel)")
    }
    if !install.logLevel.isEmpty { arguments.append("--log_output_level=\(install.logLevel)") }
    if install.logsJSON { arguments.append("--log_as_json") }
    return arguments
}

/// The ports that its Service leads to, and the one of its metrics.
private func proxyPorts(_ gateway: GatewaySettings) -> [JSONValue] {
    var ports: [JSONValue] = []
    for port in gateway.servicePorts {
        guard let number = port["targetPort"]?.integer ?? port["port"]?.integer else { continue }
        let transport = port["protocol"] ?? "TCP"
        let entry: JSONValue = ["containerPort": .integer(number), "protocol": transport]
        if number != 15090, !ports.contains(entry) { ports.append(entry) }
    }
    return ports + [containerPort(15090, "http-envoy-prom")]
}

private func proxyEnvironment(_ install: Install, _ gateway: GatewaySettings) -> [JSONValue] {
    let caAddress = install.caAddress.isEmpty ? install.discoveryAddress : install.caAddress
    let owner = "kubernetes://apis/apps/v1/namespaces/\(gateway.namespace)/deployments/\(gateway.name)"
    let pod: [JSONValue] = [
        environment("PILOT_CERT_PROVIDER", install.certificateProvider),
        environment("CA_ADDR", caAddress),
        environment("NODE_NAME", field: "spec.nodeName"),
        environment("POD_NAME", field: "metadata.name"),
        environment("POD_NAMESPACE", field: "metadata.namespace"),
        environment("INSTANCE_IP", field: "status.podIP"),
        environment("HOST_IP", field: "status.hostIP"),
        environment("ISTIO_CPU_LIMIT", resource: "limits.cpu"),
        environment("SERVICE_ACCOUNT", field: "spec.serviceAccountName"),
    ]
    var mesh: [JSONValue] = [
        environment("ISTIO_META_WORKLOAD_NAME", gateway.name),
        environment("ISTIO_META_OWNER", owner),
        environment("ISTIO_META_MESH_ID", install.meshID),
        environment("TRUST_DOMAIN", install.trustDomain),
    ]
    if !gateway.runsAsRoot { mesh.append(environment("ISTIO_META_UNPRIVILEGED_POD", "true")) }
    if !install.network.isEmpty { mesh.append(environment("ISTIO_META_NETWORK", install.network)) }
    mesh.append(environment("ISTIO_META_CLUSTER_ID", install.clusterName))
    mesh.append(environment("ISTIO_META_NODE_NAME", field: "spec.nodeName"))
    return environment(pod + mesh, overriddenBy: gateway.pod.environment)
}

private func proxyMounts(_ gateway: GatewaySettings) -> [JSONValue] {
    let own = [
        volumeMount("workload-socket", at: "/var/run/secrets/workload-spiffe-uds"),
        volumeMount("credential-socket", at: "/var/run/secrets/credential-uds"),
        volumeMount("workload-certs", at: "/var/run/secrets/workload-spiffe-credentials"),
        volumeMount("istio-envoy", at: "/etc/istio/proxy"),
        volumeMount("config-volume", at: "/etc/istio/config"),
        volumeMount("istiod-ca-cert", at: "/var/run/secrets/istio"),
        volumeMount("istio-token", at: "/var/run/secrets/tokens", readOnly: true),
        volumeMount("istio-data", at: "/var/lib/istio/data"),
        volumeMount("podinfo", at: "/etc/istio/pod"),
    ]
    return own + chosenMounts(gateway)
}

private func chosenMounts(_ gateway: GatewaySettings) -> [JSONValue] {
    (gateway.secretVolumes + gateway.configVolumes).map { volume in
        volumeMount(volume["name"]?.string ?? "", at: volume["mountPath"]?.string ?? "", readOnly: true)
    }
}

func gatewayVolumes(_ install: Install, _ gateway: GatewaySettings) -> [JSONValue] {
    let own = [
        emptyFolder("workload-socket"), emptyFolder("credential-socket"), emptyFolder("workload-certs"),
        configMapVolume("istiod-ca-cert", configMap: "istio-ca-root-cert"),
        podInfoVolume("podinfo"), emptyFolder("istio-envoy"), emptyFolder("istio-data"),
        tokenVolume("istio-token", audience: install.tokenAudience),
        configMapVolume("config-volume", configMap: "istio\(install.suffix)", optional: true),
    ]
    return own + chosenVolumes(gateway)
}

/// The Secrets and ConfigMaps that values name.
func chosenVolumes(_ gateway: GatewaySettings) -> [JSONValue] {
    let secrets = gateway.secretVolumes.map { volume in
        secretVolume(volume["name"]?.string ?? "", secret: volume["secretName"]?.string ?? "")
    }
    let configs = gateway.configVolumes.map { volume in
        configMapVolume(
            volume["name"]?.string ?? "", configMap: volume["configMapName"]?.string ?? "", optional: true)
    }
    return secrets + configs
}
