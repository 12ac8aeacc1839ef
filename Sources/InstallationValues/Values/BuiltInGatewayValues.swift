internal import KubernetesModel

/// The built-in values of both kinds of gateways, under the names that Istio gives them.
func gatewayValues() -> JSONValue {
    [
        "seccompProfile": ["type": "RuntimeDefault"],
        "securityContext": [:],
        "istio-ingressgateway": ingressValues(),
        "istio-egressgateway": egressValues(),
    ]
}

private func ingressValues() -> JSONValue {
    let own: JSONValue = [
        "labels": ["app": "istio-ingressgateway", "istio": "ingressgateway"],
        "loadBalancerClass": "", "loadBalancerIP": "", "loadBalancerSourceRanges": [],
        "ports": [
            gatewayPort("status-port", 15021, target: 15021), gatewayPort("http2", 80, target: 8080),
            gatewayPort("https", 443, target: 8443),
        ],
        "secretVolumes": secretVolumes("ingressgateway"),
        "type": "LoadBalancer",
    ]
    return commonValues().merging(own)
}

private func egressValues() -> JSONValue {
    let own: JSONValue = [
        "labels": ["app": "istio-egressgateway", "istio": "egressgateway"],
        "ports": [gatewayPort("http2", 80, target: 8080), gatewayPort("https", 443, target: 8443)],
        "secretVolumes": secretVolumes("egressgateway"),
        "type": "ClusterIP",
    ]
    return commonValues().merging(own)
}

private func commonValues() -> JSONValue {
    let scaling: JSONValue = [
        "autoscaleEnabled": true, "autoscaleMax": 5, "autoscaleMin": 1, "cpu": ["targetAverageUtilization": 80],
        "memory": [:], "replicaCount": 1, "rollingMaxSurge": "100%", "rollingMaxUnavailable": "25%",
    ]
    let pod: JSONValue = [
        "additionalContainers": [], "affinity": [:], "configVolumes": [], "env": [:], "nodeSelector": [:],
        "podAnnotations": [:], "runAsRoot": false, "tolerations": [], "topologySpreadConstraints": [],
    ]
    let resources: JSONValue = [
        "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["cpu": "2000m", "memory": "1024Mi"],
    ]
    let service: JSONValue = [
        "customService": false, "externalIPs": [], "externalTrafficPolicy": "", "ipFamilies": [], "ipFamilyPolicy": "",
        "serviceAccount": ["annotations": [:]], "serviceAnnotations": [:],
    ]
    return scaling.merging(pod).merging(service).merging(["resources": resources])
}

func gatewayPort(_ name: String, _ port: Int64, target: Int64) -> JSONValue {
    ["name": .string(name), "port": .integer(port), "targetPort": .integer(target), "protocol": "TCP"]
}

private func secretVolumes(_ kind: String) -> JSONValue {
    let volumes = ["certs", "ca-certs"].map { suffix -> JSONValue in
        [
            "name": .string("\(kind)-\(suffix)"), "secretName": .string("istio-\(kind)-\(suffix)"),
            "mountPath": .string("/etc/istio/\(kind)-\(suffix)"),
        ]
    }
    return .array(volumes)
}
