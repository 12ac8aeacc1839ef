import KubernetesModel

extension TemplateContext {
    /// What templates that people write see, under the names Istio gives it.
    var templateData: JSONValue {
        [
            "TypeMeta": ["kind": .string(workload.kind), "apiVersion": .string(workload.apiVersion)],
            "DeploymentMeta": ["name": .string(workload.name), "namespace": .string(workload.namespace)],
            "ObjectMeta": metadata, "Spec": spec, "ProxyConfig": .object(proxy.fields),
            "MeshConfig": settings.mesh.json, "Values": values.json, "Revision": .string(revision),
            "NativeSidecars": .bool(settings.facts.usesNativeSidecars), "ProxyImage": .string(standardImage),
            "ProxyUID": .integer(user), "ProxyGID": .integer(group),
            "InboundTrafficPolicyMode": settings.mesh.callsLocalhost ? "localhost" : "passthrough",
            "CompliancePolicy": .string(compliancePolicy),
        ]
    }
}
