import EnvoyAPI
import EnvoyTranslator
import Foundation
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing
import YAML

/// DestinationRules with what they make of a mesh, each a file: `Fixtures/Destinations/<name>.in.yaml`, `.out.yaml`.
///
/// The input's first document names the client; the others are objects. The outcome holds what is said of the objects,
/// then the clusters and endpoints of the client, as far as they differ from those of a mesh without DestinationRules.
/// `UPDATE_GOLDEN=1` rewrites the outcomes.
struct DestinationCase: Sendable, CustomTestStringConvertible {
    let name: String

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Destinations")

    static let all: [DestinationCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".in.yaml") }.map { String($0.dropLast(".in.yaml".count)) }.sorted()
            .map(DestinationCase.init)
    }()

    var testDescription: String { name }

    func input() throws -> DestinationInput {
        let text = try String(contentsOf: file("in"), encoding: .utf8)
        return try DestinationInput(JSONValue.documents(yaml: text))
    }

    /// What stands in the file, or will if it is to be rewritten.
    func wanted(insteadOf text: String) throws -> String {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: file("out"), atomically: true, encoding: .utf8)
        }
        return try String(contentsOf: file("out"), encoding: .utf8)
    }

    private func file(_ kind: String) -> URL { DestinationCase.folder.appending(path: "\(name).\(kind).yaml") }
}

/// A client, and the objects of its mesh.
struct DestinationInput {
    var proxy: Proxy
    var translation: MeshTranslation
    /// The same without DestinationRules.
    var plain: MeshTranslation

    init(_ documents: [JSONValue]) throws {
        let client = documents.first ?? .null
        let labels = (client["labels"]?.object ?? [:]).compactMapValues(\.string)
        proxy = Proxy(
            kind: client["kind"]?.string.flatMap(Proxy.Kind.init) ?? .sidecar, name: "client",
            namespace: client["namespace"]?.string ?? "default", addresses: ["10.9.9.9"], labels: labels)
        proxy.locality = client["locality"]?.string.map(Locality.init(parsing:)) ?? .unknown
        proxy.node = client["node"]?.string ?? ""
        var objects = ClusterObjects()
        for document in documents.dropFirst() {
            let said = objects.add(UnstructuredObject(document))
            #expect(said == [], "\(document)")
        }
        translation = MeshTranslation(objects)
        objects.configuration = objects.configuration.filter { $0.key.groupKind.kind != "DestinationRule" }
        plain = MeshTranslation(objects)
    }

    func resources(of translation: MeshTranslation, sources: ConfigSources = .init()) throws -> Resources {
        let snapshot = translation.snapshot
        let view = snapshot.view(of: proxy)
        let plan = resourcePlan(
            for: view, preference: EndpointPreference(proxy, in: snapshot), in: snapshot,
            settings: .init(sources: sources))
        return try Resources(plan)
    }

    /// As the text of a golden file.
    func outcome() throws -> String {
        KnownTypes.register()
        let before = try resources(of: plain)
        let after = try resources(of: translation)
        var clusters: [String: JSONValue] = [:]
        for cluster in after.clusters where cluster.name.hasPrefix("outbound|") {
            let known = before.cluster(cluster.name) ?? before.cluster(cluster.name.withoutSubset)
            let change = try JSONValue(unnamed: cluster).without(try known.map { try JSONValue(unnamed: $0) } ?? [:])
            if change != [:] { clusters[cluster.name] = change }
        }
        var endpoints: [String: JSONValue] = [:]
        for assignment in after.endpoints {
            if before.endpoints(assignment.clusterName) == assignment { continue }
            endpoints[assignment.clusterName] = JSONValue(assignment.summary)
        }
        let said = translation.diagnostics.flatMap { object, found in found.map { "\(object): \($0.severity) \($0)" } }
        let outcome: JSONValue = [
            "said": JSONValue(said.sorted()), "clusters": .object(clusters), "endpoints": .object(endpoints),
        ]
        return yamlText(YAMLNode(outcome))
    }
}

extension Resources {
    init(_ plan: ResourcePlan) throws {
        let inputs = plan.clusters + plan.endpoints + plan.listeners + plan.routes
        self.init(
            Dictionary(
                grouping: try inputs.map { ($0.typeURL, NamedResource(name: $0.name, message: try $0.message())) },
                by: \.0
            ).mapValues { $0.map(\.1) })
    }
}

extension String {
    /// `outbound|80|v1|host` -> `outbound|80||host`.
    fileprivate var withoutSubset: String {
        let parts = split(separator: "|", omittingEmptySubsequences: false)
        return parts.count == 4 ? "\(parts[0])|\(parts[1])||\(parts[3])" : self
    }
}

extension JSONValue {
    /// A cluster with other words for its own names, so that subsets can be compared with the whole.
    fileprivate init(unnamed cluster: Envoy_Config_Cluster_V3_Cluster) throws {
        let parts = cluster.name.split(separator: "|", omittingEmptySubsequences: false)
        let serverName = "outbound_.\(parts[1])_.\(parts[2])_.\(parts[3])"
        let text = try cluster.jsonString().replacingOccurrences(of: cluster.name, with: "NAME")
            .replacingOccurrences(of: serverName, with: "SERVER NAME")
        self = try JSONValue(parsing: text)
    }

    /// The fields that another object does not have, or has otherwise. That something is gone tells as much.
    fileprivate func without(_ other: JSONValue) -> JSONValue {
        guard let fields = object, let others = other.object else { return self }
        var left: [String: JSONValue] = [:]
        for (name, value) in fields where others[name] != value {
            left[name] = value.without(others[name] ?? .null)
        }
        for name in others.keys where fields[name] == nil { left[name] = "none" }
        return .object(left)
    }
}

extension Envoy_Config_Endpoint_V3_ClusterLoadAssignment {
    /// One line for each place: its priority and weight, and who is there.
    var summary: [String] {
        endpoints.map { group in
            let place = [group.locality.region, group.locality.zone, group.locality.subZone].filter { !$0.isEmpty }
            let addresses = group.lbEndpoints.map { endpoint in
                let socket = endpoint.endpoint.address.socketAddress
                let secured = endpoint.metadata.filterMetadata["envoy.transport_socket_match"] == nil ? "" : " mTLS"
                return
                    "\(socket.address):\(socket.portValue)\(secured)\(endpoint.healthStatus == .draining ? " draining" : "")"
            }
            return "\(place.isEmpty ? "-" : place.joined(separator: "/")) priority \(group.priority) "
                + "weight \(group.loadBalancingWeight.value): \(addresses.joined(separator: ", "))"
        }
    }
}
