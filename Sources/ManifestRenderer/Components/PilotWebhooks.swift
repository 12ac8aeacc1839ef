internal import InstallationValues
internal import KubernetesModel

/// The webhooks of the control plane and of its tags.
func pilotWebhooks(_ install: Install, _ settings: PilotSettings) -> [Manifest] {
    var manifests: [Manifest] = []
    let injector = settings.injector
    if injector.hasWebhooks {
        let named = Selection.naming(install.revisionLabel)
        let usual = install.revision.isEmpty ? Selection.unnamed(injector) : []
        let gate = serverGate(for: injector.server, install, settings)
        let configuration = injectorWebhooks(
            "istio-sidecar-injector\(install.suffix)", named + usual, install, injector)
        manifests.append(Manifest(component: settings.component, object: configuration, gate: gate))
        for tag in settings.revisionTags {
            let selections = Selection.naming(tag) + (tag == "default" ? Selection.unnamed(injector) : [])
            var tagged = injectorWebhooks("istio-revision-tag-\(tag)", selections, install, injector)
            tagged.json["metadata", "labels", tagLabel] = .string(tag)
            manifests.append(Manifest(component: settings.component, object: tagged, gate: gate))
        }
    }
    if settings.hasValidator {
        let gate = serverGate(for: install.base.validation, install, settings)
        let configuration = validatorWebhooks(install, isAnswered: gate != nil)
        manifests.append(Manifest(component: settings.component, object: configuration, gate: gate))
    }
    return manifests
}

/// The name that Pods and namespaces call a revision by.
let tagLabel = "istio.io/tag"

/// A server that this very install brings is waited for. Whoever applies files has no means to.
private func serverGate(for server: WebhookServer, _ install: Install, _ settings: PilotSettings) -> Gate? {
    settings.hasServer && server.url.isEmpty && install.purpose == .installation ? .webhookServer : nil
}

private let injection = "istio-injection"
private let podInjection = "sidecar.istio.io/inject"

/// Which Pods a webhook is called for.
private struct Selection {
    var name: String
    var namespaces: [LabelSelector.Requirement]
    var pods: [LabelSelector.Requirement]

    /// Pods that name a revision themselves or through their namespace.
    static func naming(_ revision: String) -> [Selection] {
        [
            Selection(
                name: "rev.namespace",
                namespaces: [.in(OwnerLabel.revision, [revision]), .doesNotExist(injection)],
                pods: [.notIn(podInjection, ["false"])]),
            Selection(
                name: "rev.object",
                namespaces: [.doesNotExist(OwnerLabel.revision), .doesNotExist(injection)],
                pods: [.notIn(podInjection, ["false"]), .in(OwnerLabel.revision, [revision])]),
        ]
    }

    /// Pods that ask for injection and name no revision.
    static func unnamed(_ injector: InjectorSettings) -> [Selection] {
        let asking = [
            Selection(
                name: "namespace", namespaces: [.in(injection, ["enabled"])],
                pods: [.notIn(podInjection, ["false"])]),
            Selection(
                name: "object", namespaces: [.doesNotExist(injection), .doesNotExist(OwnerLabel.revision)],
                pods: [.in(podInjection, ["true"]), .doesNotExist(OwnerLabel.revision)]),
        ]
        return injector.injectsByDefault ? asking + [automatic] : asking
    }

    /// Pods that say nothing in namespaces that say nothing, except those that a cluster itself needs.
    private static let automatic = Selection(
        name: "auto",
        namespaces: [
            .doesNotExist(injection), .doesNotExist(OwnerLabel.revision),
            .notIn(
                "kubernetes.io/metadata.name",
                ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]),
        ],
        pods: [.doesNotExist(podInjection), .doesNotExist(OwnerLabel.revision)])
}

/// Webhooks that give Pods their sidecars.
///
/// `caBundle` is left to the control plane, which knows its own certificate, unless values name one.
private func injectorWebhooks(
    _ name: String, _ selections: [Selection], _ install: Install, _ injector: InjectorSettings
) -> UnstructuredObject {
    let rule: JSONValue = [
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], "scope": "*",
    ]
    let webhooks = selections.map { selection -> JSONValue in
        [
            "name": .string("\(selection.name).sidecar-injector.istio.io"), "rules": [rule],
            "clientConfig": injector.server.clientConfig(service: install.istiod, namespace: install.namespace),
            "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "reinvocationPolicy": .string(injector.reinvocationPolicy),
            "namespaceSelector": labelSelector(selection.namespaces), "objectSelector": labelSelector(selection.pods),
        ]
    }
    var labels = applicationLabels("sidecar-injector")
    labels["app.kubernetes.io/name"] = "istiod"
    let metadata = Metadata(
        name: name + install.namespaceSuffix, labels: labels, annotations: injector.annotations)
    return object(.mutatingWebhookConfigurations, metadata, ["webhooks": .array(webhooks)])
}

/// The webhook that checks the mesh's configuration of this revision.
///
/// - Parameter isAnswered: Whether its server answers once it is applied. Else it refuses nothing, until the control
///   plane has seen that it does.
private func validatorWebhooks(_ install: Install, isAnswered: Bool) -> UnstructuredObject {
    let server = install.base.validation
    let refuses = isAnswered || !server.caBundle.isEmpty
    let webhook = validatingWebhook(
        "rev.validation.istio.io", server.clientConfig(service: install.istiod, namespace: install.namespace),
        failurePolicy: refuses ? "Fail" : "Ignore", objects: [.in(OwnerLabel.revision, [install.revisionLabel])])
    var labels = applicationLabels("istiod")
    labels["istio"] = "istiod"
    let metadata = Metadata(name: "istio-validator\(install.suffix)-\(install.namespace)", labels: labels)
    return object(.validatingWebhookConfigurations, metadata, ["webhooks": [webhook]])
}

/// A webhook that checks the mesh's configuration.
func validatingWebhook(
    _ name: String, _ clientConfig: JSONValue, failurePolicy: String, objects: [LabelSelector.Requirement]
) -> JSONValue {
    let rule: JSONValue = [
        "apiGroups": JSONValue(validatedGroups), "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
        "resources": ["*"], "scope": "*",
    ]
    return [
        "name": .string(name), "rules": [rule], "failurePolicy": .string(failurePolicy), "sideEffects": "None",
        "clientConfig": clientConfig, "admissionReviewVersions": ["v1"], "objectSelector": labelSelector(objects),
    ]
}

/// Requirements as a label selector has them.
func labelSelector(_ requirements: [LabelSelector.Requirement]) -> JSONValue {
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
