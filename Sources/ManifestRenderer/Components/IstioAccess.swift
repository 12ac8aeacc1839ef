internal import KubernetesModel

// The rules that Istio's own control plane runs with. Rules, resources and verbs stand in Istio's order, so that a
// comparison with its manifests shows nothing.

private let read = ["get", "list", "watch"]
private let observe = ["get", "watch", "list"]
private let own = ["get", "watch", "list", "update", "patch", "create", "delete"]
private let report = ["update", "patch"]
private let create = ["create"]

/// Every group that the mesh's configuration has ever been in.
private let configurationGroups = [
    "config.istio.io", "security.istio.io", "networking.istio.io", "authentication.istio.io", "rbac.istio.io",
    "telemetry.istio.io", "extensions.istio.io",
]

private func rule(_ group: String, _ resources: String..., verbs: [String]) -> AccessRule {
    AccessRule(apiGroups: [group], resources: resources, verbs: verbs)
}

func istioControllerRules(_ options: Set<PilotAccess.Option>, certificateSigners: [String]) -> [AccessRule] {
    var rules = webhookRules + meshConfigurationRules(options) + discoveryRules
    if options.contains(.untaint) { rules.append(rule("", "nodes", verbs: ["patch"])) }
    rules += ingressRules
    rules.append(rule("", "configmaps", verbs: ["create", "get", "list", "watch", "update"]))
    rules += reviewRules
    if options.contains(.certificateSigning) { rules += signingRules(certificateSigners) }
    if options.contains(.trustBundles) { rules += trustBundleRules }
    return rules + gatewayAPIRules + [rule("", "secrets", verbs: observe)] + multiclusterRules(observe)
}

func istioGatewayControllerRules() -> [AccessRule] {
    [
        rule("apps", "deployments", verbs: own), rule("autoscaling", "horizontalpodautoscalers", verbs: own),
        rule("policy", "poddisruptionbudgets", verbs: own), rule("", "services", verbs: own),
        rule("", "serviceaccounts", verbs: own),
    ]
}

func istioLocalRules() -> [AccessRule] {
    [
        // Whether it may create one tells it whether a Gateway of its own namespace is to be trusted.
        rule("networking.istio.io", "gateways", verbs: create),
        rule("", "secrets", verbs: ["create", "get", "watch", "list", "update", "delete"]),
        rule("", "configmaps", verbs: ["delete"]),
        rule("coordination.k8s.io", "leases", verbs: ["get", "update", "patch", "create"]),
    ]
}

func istioReaderRules(_ options: Set<PilotAccess.Option>) -> [AccessRule] {
    var rules = [
        AccessRule(apiGroups: configurationGroups, resources: ["*"], verbs: read),
        rule(
            "", "endpoints", "pods", "services", "nodes", "replicationcontrollers", "namespaces", "secrets",
            "configmaps", verbs: read),
        rule("networking.istio.io", "workloadentries", verbs: observe),
        AccessRule(
            apiGroups: ["networking.x-k8s.io", "gateway.networking.k8s.io"], resources: ["gateways"], verbs: observe),
        rule("apiextensions.k8s.io", "customresourcedefinitions", verbs: read),
        rule("discovery.k8s.io", "endpointslices", verbs: read),
    ]
    rules += multiclusterRules(read)
    rules.append(rule("apps", "replicasets", verbs: read))
    rules += reviewRules
    guard options.contains(.remoteControl) else { return rules }
    return rules + [rule("", "configmaps", verbs: ["create", "get", "list", "watch", "update"])] + webhookRules
}

private let webhookRules = [
    rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", verbs: read + report),
    rule("admissionregistration.k8s.io", "validatingwebhookconfigurations", verbs: read + ["update"]),
]

private func meshConfigurationRules(_ options: Set<PilotAccess.Option>) -> [AccessRule] {
    var rules = [AccessRule(apiGroups: configurationGroups, resources: ["*"], verbs: observe)]
    if options.contains(.analysis) {
        rules.append(AccessRule(apiGroups: configurationGroups, resources: ["*/status"], verbs: report))
    }
    return rules + [
        rule("networking.istio.io", "workloadentries", verbs: own),
        rule("networking.istio.io", "workloadentries/status", "serviceentries/status", verbs: own),
        rule("security.istio.io", "authorizationpolicies/status", verbs: own),
        rule("", "services/status", verbs: own),
        rule("apiextensions.k8s.io", "customresourcedefinitions", verbs: read),
    ]
}

private let discoveryRules = [
    rule("", "pods", "nodes", "services", "namespaces", "endpoints", verbs: read),
    rule("discovery.k8s.io", "endpointslices", verbs: read),
]

private let ingressRules = [
    rule("networking.k8s.io", "ingresses", "ingressclasses", verbs: read),
    rule("networking.k8s.io", "ingresses/status", verbs: ["*"]),
]

/// Asking the API server who a token belongs to, and what he may do.
private let reviewRules = [
    rule("authentication.k8s.io", "tokenreviews", verbs: create),
    rule("authorization.k8s.io", "subjectaccessreviews", verbs: create),
]

private func signingRules(_ signers: [String]) -> [AccessRule] {
    [
        rule(
            "certificates.k8s.io", "certificatesigningrequests", "certificatesigningrequests/approval",
            "certificatesigningrequests/status", verbs: ["update", "create", "get", "delete", "watch"]),
        AccessRule(
            apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: signers, verbs: ["approve"]),
    ]
}

private let trustBundleRules = [
    rule(
        "certificates.k8s.io", "clustertrustbundles", verbs: ["update", "create", "delete", "list", "watch", "get"]),
    AccessRule(
        apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: ["istio.io/istiod-ca"],
        verbs: ["attest"]),
]

private let gatewayAPIRules = [
    AccessRule(
        apiGroups: ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"], resources: ["*"], verbs: observe),
    rule("gateway.networking.x-k8s.io", "xbackendtrafficpolicies/status", verbs: report),
    rule(
        "gateway.networking.k8s.io", "backendtlspolicies/status", "gatewayclasses/status", "gateways/status",
        "grpcroutes/status", "httproutes/status", "referencegrants/status", "tcproutes/status", "tlsroutes/status",
        "udproutes/status", "listenersets/status", verbs: report),
    rule("gateway.networking.k8s.io", "gatewayclasses", verbs: ["create", "update", "patch", "delete"]),
    rule("inference.networking.k8s.io", "inferencepools", verbs: observe),
    rule("inference.networking.k8s.io", "inferencepools/status", verbs: report),
]

private func multiclusterRules(_ observing: [String]) -> [AccessRule] {
    [
        rule("multicluster.x-k8s.io", "serviceexports", verbs: observing + ["create", "delete"]),
        rule("multicluster.x-k8s.io", "serviceimports", verbs: observing),
    ]
}
