import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

/// The mesh that objects make, in YAML.
///
/// - Parameter meshConfig: MeshConfig, in YAML.
func policyMesh(_ yaml: String, meshConfig: String? = nil) throws -> MeshSnapshot {
    var objects = ClusterObjects()
    objects.meshConfig = meshConfig
    for document in try JSONValue.documents(yaml: yaml) where !document.isNull {
        let found = objects.add(UnstructuredObject(document))
        #expect(found == [])
    }
    let translation = MeshTranslation(objects)
    #expect(translation.diagnostics.values.flatMap(\.self).filter { $0.severity == .error } == [])
    return translation.snapshot
}

extension MeshSnapshot {
    /// The filters by which a sidecar holds to its policies, as JSON.
    func filters(
        _ transport: AccessControlInput.Transport = .http, labels: [String: String] = [:],
        namespace: String = "default"
    ) throws -> [JSONValue] {
        KnownTypes.register()
        var proxy = Proxy(kind: .sidecar, name: "x", namespace: namespace, addresses: ["10.0.0.1"], labels: labels)
        proxy.serviceAccount = "x"
        let listeners = try xdsResources(for: proxy, view: view(of: proxy), in: self)[
            Envoy_Config_Listener_V3_Listener.typeURL, default: []]
        let listener = try #require(
            listeners.first { $0.name == "virtualInbound" }?.message as? Envoy_Config_Listener_V3_Listener)
        let isTCP = transport == .tcp
        let chain = try #require(
            listener.filterChains.first {
                ($0.connectionManager == nil) == isTCP && $0.name.contains("virtualInbound")
                    && !$0.name.contains("blackhole")
            })
        let messages: [any Message] =
            isTCP ? chain.filters.dropLast() : try #require(chain.connectionManager).httpFilters
        let standard = ["grpc_stats", "fault", "cors", "router"]
        return try messages.map { try JSONValue(parsing: try $0.jsonString()) }.filter { filter in
            !standard.contains { filter["name"]?.string?.hasSuffix($0) ?? true }
        }
    }

    /// The policies of the only filter.
    func onlyRules(
        _ transport: AccessControlInput.Transport = .http, labels: [String: String] = [:],
        namespace: String = "default"
    ) throws -> JSONValue {
        let filters = try filters(transport, labels: labels, namespace: namespace)
        #expect(filters.count == 1)
        return filters.first?["typedConfig", "rules"] ?? .null
    }
}
