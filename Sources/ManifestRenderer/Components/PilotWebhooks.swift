internal import KubernetesModel

/// The webhooks that give Pods their sidecars: for namespaces and for Pods that name the revision, and for the unnamed
/// revision also for those that only ask for injection.
///
/// `caBundle` is left to the control plane, which knows its own certificate.
func injectorWebhooks(_ install: Install, _ injector: InjectorSettings) -> UnstructuredObject {
    var selections = [
        Selection(
            name: "rev.namespace", namespaces: [.in(revision, [install.revisionLabel]), .doesNotExist(injection)],
            pods: [.notIn(podInjection, ["false"])]),
        Selection(
            name: "rev.object", namespaces: [.doesNotExist(revision), .doesNotExist(injection)],
            pods: [.notIn(podInjection, ["false"]), .in(revision, [install.revisionLabel])]),
    ]
    if install.revision.isEmpty {
        selections.append(
            Selection(
                name: "namespace", namespaces: [.in(injection, ["enabled"])],
                pods: [.notIn(podInjection, ["false"])]))
        selections.append(
            Selection(
                name: "object", namespaces: [.doesNotExist(injection), .doesNotExist(revision)],
                pods: [.in(podInjection, ["true"]), .doesNotExist(revision)]))
        if injector.injectsByDefault { selections.append(automatic) }
    }
    let scope = install.namespace == "istio-system" ? "" : "-\(install.namespace)"
    var labels = applicationLabels("sidecar-injector")
    labels["app.kubernetes.io/name"] = "istiod"
    let metadata = Metadata(name: "istio-sidecar-injector\(install.suffix)\(scope)", labels: labels)
    let webhooks = selections.map { injectorWebhook($0, install, injector) }
    return object(.mutatingWebhookConfigurations, metadata, ["webhooks": .array(webhooks)])
}

private let revision = "istio.io/rev"
private let injection = "istio-injection"
private let podInjection = "sidecar.istio.io/inject"

/// Which Pods a webhook is called for.
private struct Selection {
    var name: String
    var namespaces: [LabelSelector.Requirement]
    var pods: [LabelSelector.Requirement]
}

/// Pods that say nothing in namespaces that say nothing, except those that a cluster itself needs.
private let automatic = Selection(
    name: "auto",
    namespaces: [
        .doesNotExist(injection), .doesNotExist(revision),
        .notIn(
            "kubernetes.io/metadata.name",
            ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]),
    ],
    pods: [.doesNotExist(podInjection), .doesNotExist(revision)])

private func injectorWebhook(
    _ selection: Selection, _ install: Install, _ injector: InjectorSettings
) -> JSONValue {
    let rule: JSONValue = [
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], "scope": "*",
    ]
    let webhook: JSONValue = [
        "name": .string("\(selection.name).sidecar-injector.istio.io"), "rules": [rule],
        "clientConfig": clientConfig(install, path: "/inject"), "failurePolicy": "Fail", "sideEffects": "None",
        "admissionReviewVersions": ["v1"], "reinvocationPolicy": .string(injector.reinvocationPolicy),
    ]
    let selectors: JSONValue = [
        "namespaceSelector": selector(selection.namespaces), "objectSelector": selector(selection.pods),
    ]
    return webhook.merging(selectors)
}

/// The webhook that checks the mesh's configuration of this revision.
func validatorWebhooks(_ install: Install) -> UnstructuredObject {
    let rule: JSONValue = [
        "apiGroups": ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
        "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["*"], "scope": "*",
    ]
    let webhook: JSONValue = [
        "name": "rev.validation.istio.io", "rules": [rule], "failurePolicy": "Fail", "sideEffects": "None",
        "clientConfig": clientConfig(install, path: "/validate"), "admissionReviewVersions": ["v1"],
        "objectSelector": selector([.in(revision, [install.revisionLabel])]),
    ]
    var labels = applicationLabels("istiod")
    labels["istio"] = "istiod"
    let metadata = Metadata(name: "istio-validator\(install.suffix)-\(install.namespace)", labels: labels)
    return object(.validatingWebhookConfigurations, metadata, ["webhooks": [webhook]])
}

private func clientConfig(_ install: Install, path: String) -> JSONValue {
    let service: JSONValue = [
        "name": .string(install.istiod), "namespace": .string(install.namespace), "path": .string(path), "port": 443,
    ]
    return ["service": service]
}

private func selector(_ requirements: [LabelSelector.Requirement]) -> JSONValue {
    let expressions = requirements.map { requirement -> JSONValue in
        switch requirement {
        case .in(let key, let values): expression(key, "In", values)
        case .notIn(let key, let values): expression(key, "NotIn", values)
        case .exists(let key): expression(key, "Exists")
        case .doesNotExist(let key): expression(key, "DoesNotExist")
        }
    }
    return ["matchExpressions": .array(expressions)]
}

private func expression(_ key: String, _ relation: String, _ values: [String] = []) -> JSONValue {
    fields(["key": .string(key), "operator": .string(relation), "values": JSONValue(values).nonEmpty])
}
