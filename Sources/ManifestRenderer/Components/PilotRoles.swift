internal import KubernetesModel

/// The control plane's account and access, and what control planes of other clusters read this one with. Names are
/// Istio's; roles without rules are those that this project's own control plane needs nothing from.
func pilotRoles(_ install: Install, _ settings: PilotSettings) -> [UnstructuredObject] {
    let access = settings.access
    let scope = "\(install.suffix)-\(install.namespace)"
    var objects: [UnstructuredObject] = []
    if settings.hasAccess {
        let labels = applicationLabels("istiod")
        let account = ObjectKey(namespace: install.namespace, name: install.istiod)
        let controller = Metadata(name: "istiod-clusterrole\(scope)", labels: labels)
        let gateways = Metadata(name: "istiod-gateway-controller\(scope)", labels: labels)
        let local = Metadata(name: install.istiod, namespace: install.namespace, labels: labels)
        var accountMetadata = local
        accountMetadata.annotations = settings.serviceAccountAnnotations
        objects += [
            serviceAccount(accountMetadata, imagePullSecrets: install.imagePullSecrets),
            clusterRole(controller, access.controller), clusterRoleBinding(controller, to: account),
            clusterRole(gateways, access.gateways), clusterRoleBinding(gateways, to: account),
            role(local, access.local), roleBinding(local, to: account),
        ]
    }
    if install.rendersReader {
        let reader = Metadata(name: "istio-reader-clusterrole\(scope)", labels: applicationLabels("istio-reader"))
        let account = ObjectKey(namespace: install.namespace, name: readerServiceAccount)
        objects += [clusterRole(reader, access.reader), clusterRoleBinding(reader, to: account)]
    }
    return objects
}
