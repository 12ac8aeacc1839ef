internal import KubernetesModel

/// The process of the control plane, with the arguments, ports and variables that Istio gives its own.
func discoveryContainer(_ install: Install, _ settings: PilotSettings) -> Container {
    let probe: JSONValue = [
        "httpGet": ["path": "/ready", "port": 8080], "initialDelaySeconds": 1, "periodSeconds": 3,
        "timeoutSeconds": 5,
    ]
    let ports: [JSONValue] = [
        containerPort(8080, "http-debug"), containerPort(15010, "grpc-xds"), containerPort(15012, "tls-xds"),
        containerPort(15017, "https-webhooks"), containerPort(15014, "http-monitoring"),
    ]
    return Container(
        name: "discovery", image: settings.image, imagePullPolicy: install.imagePullPolicy,
        arguments: discoveryArguments(install, settings), ports: ports,
        environment: discoveryEnvironment(install, settings), readinessProbe: probe,
        resources: settings.pod.resources, securityContext: restrictedContainer(),
        volumeMounts: pilotVolumeMounts(settings) + settings.volumeMounts)
}

private func discoveryArguments(_ install: Install, _ settings: PilotSettings) -> [String] {
    var arguments = ["discovery", "--monitoringAddr=:15014"]
    if !install.logLevel.isEmpty { arguments.append("--log_output_level=\(install.logLevel)") }
    if install.logsJSON { arguments.append("--log_as_json") }
    arguments += ["--domain", install.clusterDomain]
    if let namespace = settings.untaint?.namespace, !namespace.isEmpty {
        arguments.append("--cniNamespace=\(namespace)")
    }
    arguments += ["--keepaliveMaxServerConnectionAge", settings.connectionAge]
    return arguments + settings.extraArguments
}

private func discoveryEnvironment(_ install: Install, _ settings: PilotSettings) -> [JSONValue] {
    var variables: [JSONValue] = [
        environment("REVISION", install.revisionLabel),
        environment("PILOT_CERT_PROVIDER", install.certificateProvider),
        environment("POD_NAME", field: "metadata.name"),
        environment("POD_NAMESPACE", field: "metadata.namespace"),
        environment("SERVICE_ACCOUNT", field: "spec.serviceAccountName"),
        environment("KUBECONFIG", "/var/run/secrets/remote/config"),
        environment("CA_TRUSTED_NODE_ACCOUNTS", settings.trustedNodeAccount),
        environment("PILOT_TRACE_SAMPLING", settings.traceSampling),
        environment("PILOT_ENABLE_ANALYSIS", settings.analyzes ? "true" : "false"),
        environment("CLUSTER_ID", install.clusterName),
        environment("PLATFORM", install.platform),
    ]
    if settings.servesOtherClusters { variables.append(environment("EXTERNAL_ISTIOD", "true")) }
    if settings.untaint != nil { variables.append(environment("PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS", "true")) }
    if settings.rootConfigMap != usualRootConfigMap {
        variables.append(environment("PILOT_CA_CERT_CONFIGMAP", settings.rootConfigMap))
    }
    // What Istio's own control plane needs besides, to hold to this policy.
    if settings.pod.environment[CompliancePolicy.variable] == CompliancePolicy.fips1403.rawValue {
        variables.append(environment("GODEBUG", "fips140=only"))
    }
    return environment(variables, overriddenBy: settings.pod.environment) + settings.environmentFrom
}

private func pilotVolumeMounts(_ settings: PilotSettings) -> [JSONValue] {
    let mounts = [
        volumeMount("istio-token", at: "/var/run/secrets/tokens", readOnly: true),
        volumeMount("local-certs", at: "/var/run/secrets/istio-dns"),
        volumeMount("cacerts", at: "/etc/cacerts", readOnly: true),
        volumeMount("istio-kubeconfig", at: "/var/run/secrets/remote", readOnly: true),
        volumeMount("istio-csr-dns-cert", at: "/var/run/secrets/istiod/tls", readOnly: true),
        volumeMount("istio-csr-ca-configmap", at: "/var/run/secrets/istiod/ca", readOnly: true),
    ]
    return settings.issuerRoots.isEmpty ? mounts : mounts + [volumeMount("extracacerts", at: "/cacerts")]
}

func pilotVolumes(_ install: Install, _ settings: PilotSettings) -> [JSONValue] {
    let volumes = [
        emptyFolder("local-certs", inMemory: true),
        tokenVolume("istio-token", audience: install.tokenAudience),
        secretVolume("cacerts", secret: "cacerts"),
        secretVolume("istio-kubeconfig", secret: "istio-kubeconfig"),
        secretVolume("istio-csr-dns-cert", secret: "istiod-tls"),
        configMapVolume("istio-csr-ca-configmap", configMap: settings.rootConfigMap, optional: true),
    ]
    guard !settings.issuerRoots.isEmpty else { return volumes }
    return volumes + [configMapVolume("extracacerts", configMap: issuerRootsConfigMap + install.suffix)]
}
