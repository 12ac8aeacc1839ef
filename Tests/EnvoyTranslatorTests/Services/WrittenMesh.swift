import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

extension Mesh {
    /// The mesh that objects in YAML make.
    init(yaml: String, settings: MeshSettings = MeshSettings()) throws {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: yaml) where !document.isNull {
            let found = objects.add(UnstructuredObject(document))
            #expect(found == [])
        }
        let translation = MeshTranslation(objects, settings: settings)
        #expect(translation.diagnostics.values.flatMap(\.self) == [])
        self.init()
        snapshot = translation.snapshot
    }

    /// A ServiceEntry in YAML, in namespace `default`.
    static func entry(_ name: String, _ spec: String) -> String {
        "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: \(name)}, spec: \(spec)}\n---\n"
    }

    /// A Sidecar in YAML, in namespace `default`.
    static func sidecar(_ spec: String) -> String {
        "{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default}, spec: \(spec)}\n---\n"
    }

    /// A Service with one port in YAML.
    static func service(
        _ name: String, _ address: String, port: String = "{name: http, port: 80}", in namespace: String = "default"
    ) -> String {
        "{apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)}, "
            + "spec: {clusterIP: \(address), ports: [\(port)]}}\n---\n"
    }
}

extension Resources {
    /// The chains of a listener, one line each; nil without such a listener.
    func chains(_ listener: String) -> [String]? {
        self.listener(listener).map { listener in
            listener.filterChains.map(\.matchedSummary)
                + (listener.hasDefaultFilterChain ? ["else " + listener.defaultFilterChain.matchedSummary] : [])
        }
    }

    var listenerNames: [String] {
        listeners.map(\.name).filter { !$0.hasPrefix("virtual") }
    }

    /// The names of clusters for calls to services.
    var outboundNames: [String] {
        clusters.map(\.name).filter { $0.hasPrefix("outbound|") }
    }

    /// The domains of all virtual hosts of a route configuration, but for those of unknown hosts.
    func domains(_ routes: String) -> [String] {
        (self.routes(routes)?.virtualHosts ?? []).flatMap(\.domains).filter { $0 != "*" }
    }
}

extension Envoy_Config_Listener_V3_FilterChain {
    fileprivate var matchedSummary: String {
        let prefixes = filterChainMatch.prefixRanges.map { "\($0.addressPrefix)/\($0.prefixLen.value)" }
        return ([summary] + prefixes + filterChainMatch.serverNames).joined(separator: " ")
    }
}
