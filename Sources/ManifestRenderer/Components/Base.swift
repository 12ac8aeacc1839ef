internal import KubernetesModel

/// Namespaces and what several control planes of a cluster share.
func baseManifests(_ install: Install) -> [Manifest] {
    var manifests: [Manifest] = []
    if let namespace = namespaceManifest(install.namespace, of: .base, install) { manifests.append(namespace) }
    if install.rendersReader {
        let metadata = Metadata(
            name: readerServiceAccount, namespace: install.namespace, labels: applicationLabels("istio-reader"))
        manifests.append(
            Manifest(
                component: .base, object: serviceAccount(metadata, imagePullSecrets: install.imagePullSecrets),
                isShared: true))
    }
    return manifests
}

/// The account that control planes of other clusters read this one with.
let readerServiceAccount = "istio-reader-service-account"

/// A namespace that is installed into. Nil for `default`, which is always there. Never pruned: it may hold more.
func namespaceManifest(_ name: String, of component: Component, _ install: Install) -> Manifest? {
    guard name != "default" else { return nil }
    var labels = [OwnerLabel.notPruned: "true"]
    if component == .base, !install.network.isEmpty { labels["topology.istio.io/network"] = install.network }
    let metadata = Metadata(name: name, labels: labels)
    return Manifest(component: component, object: object(.namespaces, metadata), isShared: true)
}

/// The labels that name an application.
func applicationLabels(_ name: String) -> [String: String] {
    ["app": name, "app.kubernetes.io/name": name]
}
