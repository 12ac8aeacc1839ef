internal import KubernetesModel

/// What several control planes of a cluster share.
func baseManifests(_ install: Install) -> [Manifest] {
    guard install.rendersReader else { return [] }
    let metadata = Metadata(
        name: readerServiceAccount, namespace: install.namespace, labels: applicationLabels("istio-reader"))
    let account = serviceAccount(metadata, imagePullSecrets: install.imagePullSecrets)
    return [Manifest(component: .base, object: account, isShared: true)]
}

/// The account that control planes of other clusters read this one with.
let readerServiceAccount = "istio-reader-service-account"

/// A namespace that is installed into. Nil for `default`, which is always there. Never pruned: it may hold more.
func namespaceManifest(_ name: String, of component: Component, _ install: Install) -> Manifest? {
    guard name != "default" else { return nil }
    var labels = [OwnerLabel.notPruned: "true"]
    if name == install.namespace, !install.network.isEmpty { labels["topology.istio.io/network"] = install.network }
    let metadata = Metadata(name: name, labels: labels)
    return Manifest(component: component, object: object(.namespaces, metadata), isShared: true)
}

/// The labels that name an application.
func applicationLabels(_ name: String) -> [String: String] {
    ["app": name, "app.kubernetes.io/name": name]
}
