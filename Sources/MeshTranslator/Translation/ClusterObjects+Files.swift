package import KubernetesModel

extension ClusterObjects {
    /// Takes over an object that was read from a file. One without a namespace is in `default`.
    ///
    /// - Parameter meshConfigMap: The ConfigMap that holds mesh settings.
    /// - Returns: Why it cannot be read; nothing for an object that was taken over, nil for one that is none of these.
    package mutating func add(
        _ object: UnstructuredObject,
        meshConfigMap: ObjectKey = ObjectKey(namespace: "istio-system", name: "istio")
    ) -> [Diagnostic]? {
        let kind = object.groupVersionKind.groupKind
        var json = object.json
        let isClusterScoped = ["Node", "Namespace", "IngressClass"].contains(kind.kind)
        if !isClusterScoped, object.namespace.isEmpty { json["metadata", "namespace"] = "default" }
        let key = UnstructuredObject(json).key
        do {
            switch (kind.group, kind.kind) {
            case ("", "Service"): apply(.service(key, try decode(json)))
            case ("", "Pod"): apply(.pod(key, try decode(json)))
            case ("", "Endpoints"): apply(.endpoints(key, try decode(json)))
            case ("", "Node"): apply(.node(object.name, try decode(json)))
            case ("", "Namespace"): apply(.namespace(object.name, try decode(json)))
            case ("discovery.k8s.io", "EndpointSlice"): apply(.endpointSlice(key, try decode(json)))
            case ("", "ConfigMap") where key == meshConfigMap:
                apply(.meshConfig(json["data", "mesh"]?.string))
                apply(.meshNetworks(json["data", "meshNetworks"]?.string))
            default:
                guard ConfigurationTranslation.byKind[kind] != nil else { return nil }
                let configured = ConfigurationObject(UnstructuredObject(json))
                apply(.configuration(configured.reference, configured))
            }
            return []
        } catch let error as DecodingError {
            return [Diagnostic(error)]
        } catch {
            return [Diagnostic(path: "", message: "cannot be read: \(error)")]
        }
    }

    private func decode<Object: KubernetesObject>(_ json: JSONValue) throws -> Object {
        try JSONValueDecoder().decode(Object.self, from: json)
    }
}
