import EnvoyAPI
import EnvoyTranslator
import Foundation
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing
import YAML

/// VirtualServices with what they make of a mesh, each a file: `Fixtures/Routing/<name>.in.yaml`, `.out.yaml`.
///
/// The input's first document names the client; the others are objects. The outcome holds what is said of the objects,
/// then the client's virtual hosts and filter chains, as far as they differ from those of a mesh without VirtualServices.
/// `UPDATE_GOLDEN=1` rewrites the outcomes.
struct RoutingCase: Sendable, CustomTestStringConvertible {
    let name: String

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Routing")

    static let all: [RoutingCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".in.yaml") }.map { String($0.dropLast(".in.yaml".count)) }.sorted()
            .map(RoutingCase.init)
    }()

    var testDescription: String { name }

    func mesh() throws -> RoutedMesh {
        let text = try String(contentsOf: file("in"), encoding: .utf8)
        return try RoutedMesh(JSONValue.documents(yaml: text))
    }

    /// What stands in the file, or will if it is to be rewritten.
    func wanted(insteadOf text: String) throws -> String {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: file("out"), atomically: true, encoding: .utf8)
        }
        return try String(contentsOf: file("out"), encoding: .utf8)
    }

    private func file(_ kind: String) -> URL { RoutingCase.folder.appending(path: "\(name).\(kind).yaml") }
}

/// A client, and the objects of its mesh.
struct RoutedMesh {
    var proxy: Proxy
    var translation: MeshTranslation
    /// The same without VirtualServices.
    var plain: MeshTranslation

    init(_ documents: [JSONValue]) throws {
        let client = documents.first ?? .null
        proxy = Proxy(
            kind: .sidecar, name: "client", namespace: client["namespace"]?.string ?? "default",
            addresses: ["10.9.9.9"], labels: (client["labels"]?.object ?? [:]).compactMapValues(\.string))
        var objects = ClusterObjects()
        for document in documents.dropFirst() {
            #expect(objects.add(UnstructuredObject(document)) == [], "\(document)")
        }
        translation = MeshTranslation(objects)
        objects.configuration = objects.configuration.filter { $0.key.groupKind.kind != "VirtualService" }
        plain = MeshTranslation(objects)
    }

    /// A mesh for a client in `default`, as YAML.
    init(_ yaml: String) throws { try self.init([["namespace": "default"]] + JSONValue.documents(yaml: yaml)) }

    func resources() throws -> Resources { try resources(of: translation) }

    private func resources(of translation: MeshTranslation) throws -> Resources {
        let snapshot = translation.snapshot
        return Resources(try xdsResources(for: proxy, view: snapshot.view(of: proxy), in: snapshot))
    }

    /// As the text of a golden file.
    func outcome() throws -> String {
        KnownTypes.register()
        let before = try resources(of: plain)
        let after = try resources()
        var routes: [String: JSONValue] = [:]
        for configuration in after.routes {
            let known = before.routes(configuration.name)?.virtualHosts ?? []
            let changed = configuration.virtualHosts.filter { !known.contains($0) }
            if !changed.isEmpty { routes[configuration.name] = .array(try changed.map { try JSONValue($0) }) }
        }
        var listeners: [String: JSONValue] = [:]
        for listener in after.listeners where before.listener(listener.name) != listener {
            let others = listener.hasDefaultFilterChain ? [listener.defaultFilterChain] : []
            listeners[listener.name] = JSONValue((listener.filterChains + others).map(\.description))
        }
        let said = translation.diagnostics.flatMap { object, found in found.map { "\(object): \($0.severity) \($0)" } }
        let outcome: JSONValue = [
            "said": JSONValue(said.sorted()), "routes": .object(routes), "listeners": .object(listeners),
        ]
        return yamlText(YAMLNode(outcome))
    }
}

extension JSONValue {
    fileprivate init(_ message: some Message) throws { self = try JSONValue(parsing: try message.jsonString()) }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// In one line: what it takes, and where that goes.
    fileprivate var description: String {
        let ranges = filterChainMatch.prefixRanges.map { "\($0.addressPrefix)/\($0.prefixLen.value)" }
        let origin = metadata.filterMetadata["istio"]?.fields["config"]?.stringValue.split(separator: "/").last
        var words = ranges + filterChainMatch.serverNames + filterChainMatch.applicationProtocols
        if !filterChainMatch.transportProtocol.isEmpty { words.append(filterChainMatch.transportProtocol) }
        words += ["->"] + targets
        if let origin { words.append("(\(origin))") }
        return words.joined(separator: " ")
    }

    private var targets: [String] {
        if let manager = connectionManager { return ["routes \(manager.rds.routeConfigName)"] }
        return filters.compactMap {
            try? Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy(unpackingAny: $0.typedConfig)
        }.flatMap { proxy in
            proxy.weightedClusters.clusters.isEmpty
                ? [proxy.cluster]
                : proxy.weightedClusters.clusters.map { "\($0.weight) \($0.name)" } + ["as \(proxy.statPrefix)"]
        }
    }
}
