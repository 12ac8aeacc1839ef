internal import KubernetesModel

/// The control plane's account and access. Names are Istio's; the roles that this build needs nothing from are empty.
func pilotRoles(_ install: Install, _ settings: PilotSettings) -> [UnstructuredObject] {
    let access = controlPlaneAccess()
    let account = ObjectKey(namespace: install.namespace, name: install.istiod)
    let labels = applicationLabels("istiod")
    let scope = "\(install.suffix)-\(install.namespace)"
    let controller = Metadata(name: "istiod-clusterrole\(scope)", labels: labels)
    let gateways = Metadata(name: "istiod-gateway-controller\(scope)", labels: labels)
    let local = Metadata(name: install.istiod, namespace: install.namespace, labels: labels)
    var accountMetadata = local
    accountMetadata.annotations = settings.serviceAccountAnnotations
    var objects: [UnstructuredObject] = [
        serviceAccount(accountMetadata, imagePullSecrets: install.imagePullSecrets),
        clusterRole(controller, access.cluster), clusterRoleBinding(controller, to: account),
        clusterRole(gateways, []), clusterRoleBinding(gateways, to: account),
        role(local, access.namespace), roleBinding(local, to: account),
    ]
    if install.rendersReader {
        let reader = Metadata(
            name: "istio-reader-clusterrole\(scope)", labels: applicationLabels("istio-reader"))
        objects.append(clusterRole(reader, []))
        objects.append(
            clusterRoleBinding(reader, to: ObjectKey(namespace: install.namespace, name: readerServiceAccount)))
    }
    return objects
}
