package import KubernetesModel

/// The values that hold where neither profile nor spec says otherwise.
///
/// All of it reaches ConfigMap `values` and, for sidecars, ConfigMap `istio-sidecar-injector`. Null stands for "as the
/// image needs it" (see `PilotSettings`).
func builtInValues() -> JSONValue {
    [
        "apus": ["rbac": ""],
        "base": baseValues(),
        "defaultRevision": "",
        "experimental": ["stableValidationPolicy": false],
        "gatewayClasses": [:],
        "gateways": gatewayValues(),
        "global": globalValues(),
        "istiodRemote": remoteControlPlaneValues(),
        "meshConfig": ["enablePrometheusMerge": true],
        "ownerName": "",
        "pilot": pilotValues(),
        "revision": "",
        "revisionTags": [],
        "sidecarInjectorWebhook": injectorValues(),
        "telemetry": telemetryValues(),
    ]
}

/// The values of a control plane in the form that Istio's chart of it has: without those of other components, and with
/// what stands below `pilot` at the top.
package func controlPlaneValues(_ original: JSONValue) -> JSONValue {
    var values = builtInValues()
    for kind in ["istio-ingressgateway", "istio-egressgateway"] { values["gateways", kind] = nil }
    values["pilot"] = [:]
    return pilotValues().merging(values).merging(original).merging(original["pilot"] ?? [:])
}

private func baseValues() -> JSONValue {
    ["enableIstioConfigCRDs": true, "excludedCRDs": [], "validationCABundle": "", "validationURL": ""]
}

private func remoteControlPlaneValues() -> JSONValue {
    [
        "enabled": false, "enabledLocalInjectorIstiod": false, "injectionCABundle": "", "injectionPath": "/inject",
        "injectionURL": "",
    ]
}

private func telemetryValues() -> JSONValue {
    ["enabled": true, "v2": ["enabled": true, "prometheus": ["enabled": true], "stackdriver": ["enabled": false]]]
}

private func globalValues() -> JSONValue {
    let general: JSONValue = [
        "caAddress": "", "caName": "", "certSigners": [], "configCluster": false, "configValidation": true,
        "enableReaderRBAC": true, "externalIstiod": false, "imagePullPolicy": "", "imagePullSecrets": [],
        "istioNamespace": "istio-system", "logAsJson": false, "meshID": "", "meshNetworks": [:],
        "mountMtlsCerts": false, "nativeNftables": false, "network": "", "omitSidecarInjectorConfigMap": false,
        "operatorManageWebhooks": false, "pilotCertProvider": "istiod", "platform": "", "priorityClassName": "",
        "remotePilotAddress": "", "resourceScope": "all", "trustBundleName": "", "variant": "",
    ]
    let nested: JSONValue = [
        "defaultPodDisruptionBudget": ["enabled": true],
        "defaultResources": ["requests": ["cpu": "10m"]],
        "istiod": ["enableAnalysis": false],
        "logging": ["level": "default:info"],
        "multiCluster": ["clusterName": ""],
        "networkPolicy": ["enabled": false],
        "proxy": proxyValues(),
        "proxy_init": ["forceApplyIptables": false, "image": "proxyv2"],
        "sds": ["token": ["aud": "istio-ca"]],
        "sts": ["servicePort": 0],
        "waypoint": waypointValues(),
        "hub": .string(apusHub), "tag": .string(apusVersion),
    ]
    return general.merging(nested)
}

private func proxyValues() -> JSONValue {
    let capture: JSONValue = [
        "excludeIPRanges": "", "excludeInboundPorts": "", "excludeOutboundPorts": "", "includeIPRanges": "*",
        "includeInboundPorts": "*", "includeOutboundPorts": "",
    ]
    let process: JSONValue = [
        "autoInject": "enabled", "clusterDomain": "cluster.local", "componentLogLevel": "misc:error",
        "image": "proxyv2", "logLevel": "warning", "outlierLogPath": "", "privileged": false, "seccompProfile": [:],
        "statusPort": 15020, "tracer": "none", "readinessFailureThreshold": 4, "readinessInitialDelaySeconds": 0,
        "readinessPeriodSeconds": 15, "startupProbe": ["enabled": true, "failureThreshold": 600],
    ]
    let resources: JSONValue = [
        "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["cpu": "2000m", "memory": "1024Mi"],
    ]
    return capture.merging(process).merging(["resources": resources])
}

private func waypointValues() -> JSONValue {
    [
        "affinity": [:], "nodeSelector": [:],
        "resources": ["requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["cpu": "2", "memory": "1Gi"]],
        "tolerations": [], "topologySpreadConstraints": [],
    ]
}

private func pilotValues() -> JSONValue {
    let scaling: JSONValue = [
        "autoscaleBehavior": [:], "autoscaleEnabled": true, "autoscaleMax": 5, "autoscaleMin": 1,
        "cpu": ["targetAverageUtilization": 80], "memory": [:], "replicaCount": 1, "rollingMaxSurge": "100%",
        "rollingMaxUnavailable": "25%", "pdb": ["minAvailable": 1, "unhealthyPodEvictionPolicy": ""],
    ]
    let process: JSONValue = [
        "configMap": true, "env": [:], "envVarFrom": [], "extraContainerArgs": [], "hub": "", "image": "pilot",
        "jwksResolverExtraRootCA": "", "keepaliveMaxServerConnectionAge": "30m", "resources": nil,
        "sidecarInjectorWebhookAnnotations": [:], "tag": "", "taint": ["enabled": false, "namespace": ""],
        "traceSampling": 1, "variant": "",
    ]
    let placing: JSONValue = [
        "affinity": [:], "deploymentAnnotations": [:], "deploymentLabels": [:], "initContainers": [],
        "ipFamilies": [], "ipFamilyPolicy": "", "nodeSelector": [:], "podAnnotations": [:], "podLabels": [:],
        "seccompProfile": ["type": "RuntimeDefault"], "serviceAccountAnnotations": [:], "serviceAnnotations": [:],
        "tolerations": [], "topologySpreadConstraints": [], "volumeMounts": [], "volumes": [],
    ]
    let related: JSONValue = [
        "cni": ["enabled": false, "provider": "default"], "enabled": true, "trustedZtunnelName": "",
        "trustedZtunnelNamespace": "",
    ]
    return scaling.merging(process).merging(placing).merging(related)
}

private func injectorValues() -> JSONValue {
    [
        "alwaysInjectSelector": [], "defaultTemplates": [], "enableNamespacesByDefault": false,
        "injectedAnnotations": [:], "neverInjectSelector": [], "reinvocationPolicy": "Never",
        "rewriteAppHTTPProbe": true, "templates": [:],
    ]
}
