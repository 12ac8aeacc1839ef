internal import IstioAPI
internal import KubernetesModel

/// What several control planes of a cluster share.
///
/// - Parameter hasServer: Whether this install brings a control plane that runs here.
func baseManifests(_ install: Install, hasServer: Bool) -> [Manifest] {
    var manifests = kindDefinitions(install)
    if install.rendersReader {
        let metadata = Metadata(
            name: readerServiceAccount, namespace: install.namespace, labels: applicationLabels("istio-reader"))
        let account = serviceAccount(metadata, imagePullSecrets: install.imagePullSecrets)
        manifests.append(Manifest(component: .base, object: account, isShared: true))
    }
    return manifests + defaultValidation(install, hasServer: hasServer)
}

/// The account that control planes of other clusters read this one with.
let readerServiceAccount = "istio-reader-service-account"

/// A namespace that is installed into. Nil for those that every cluster has. Never pruned: it may hold more.
func namespaceManifest(_ name: String, of component: Component, _ install: Install) -> Manifest? {
    guard !["default", "kube-system"].contains(name) else { return nil }
    var labels = [OwnerLabel.notPruned: "true"]
    if name == install.namespace, !install.network.isEmpty { labels["topology.istio.io/network"] = install.network }
    let metadata = Metadata(name: name, labels: labels)
    return Manifest(component: component, object: object(.namespaces, metadata), isShared: true)
}

/// The labels that name an application.
func applicationLabels(_ name: String) -> [String: String] {
    ["app": name, "app.kubernetes.io/name": name]
}

/// The kinds that people configure the mesh with. Never pruned: what people wrote would go with them.
private func kindDefinitions(_ install: Install) -> [Manifest] {
    guard install.base.definesKinds else { return [] }
    var labels = applicationLabels("istio-pilot")
    labels[OwnerLabel.notPruned] = "true"
    let all = CustomResource.configuration.indices.map { index in
        KindDefinition(index: index, hasRules: install.facts.kubernetesMinor >= 25, labels: labels)
    }
    return all.filter { !install.base.excludedDefinitions.contains($0.reference.key.name) }.map {
        Manifest(component: .base, definition: $0, isShared: true)
    }
}

/// What checks configuration that names no revision: the default revision does.
private func defaultValidation(_ install: Install, hasServer: Bool) -> [Manifest] {
    let revision = install.base.defaultRevision
    guard !revision.isEmpty else { return [] }
    let server = install.base.validation
    let isAwaited =
        hasServer && revision == install.revisionLabel && server.url.isEmpty && install.purpose == .installation
    let selection: [LabelSelector.Requirement] = [.doesNotExist(OwnerLabel.revision)]
    let service = revision == "default" ? "istiod" : "istiod-\(revision)"
    var labels = applicationLabels("istiod")
    labels["istio"] = "istiod"
    let webhook = validatingWebhook(
        "validation.istio.io", server.clientConfig(service: service, namespace: install.namespace),
        failurePolicy: isAwaited || !server.caBundle.isEmpty ? "Fail" : "Ignore", objects: selection)
    let validator = object(
        .validatingWebhookConfigurations, Metadata(name: "istiod-default-validator", labels: labels),
        ["webhooks": [webhook]])
    var manifests = [Manifest(component: .base, object: validator, gate: isAwaited ? .webhookServer : nil)]
    if install.rendersStablePolicy {
        let policy = stablePolicy(
            named: "stable-channel-default-policy", binding: "stable-channel-default-policy-binding", install,
            objects: selection)
        manifests += policy.map { Manifest(component: .base, object: $0) }
    }
    return manifests
}
