import Foundation
import IstioAPI
import KubernetesModel
import Testing

/// Istio's kinds against the definitions that Istio publishes, and against objects that are written for them.
@Suite struct PublicDefinitionTests {
    /// Data that lies beside the project.
    private static let data = URL(filePath: #filePath).appending(path: "../../../../shared/reference/data").standardized

    private static let definitions: [JSONValue] = {
        let file = data.appending(path: "istio-crds/crd-all.gen.yaml")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return (try? JSONValue.documents(yaml: text)) ?? []
    }()

    private static var isPresent: Bool {
        FileManager.default.fileExists(atPath: data.appending(path: "istio-crds/crd-all.gen.yaml").path)
    }

    @Test(.enabled(if: isPresent, "the public definitions are not beside the project"))
    func definesTheSameKindsInTheSameOrder() {
        let ours = CustomResource.configuration.map { "\($0.plural).\($0.group)" }
        #expect(ours == Self.definitions.compactMap { $0["metadata", "name"]?.string })
        #expect(ours.count == 15)
    }

    @Test(
        .enabled(if: isPresent, "the public definitions are not beside the project"),
        arguments: CustomResource.configuration.map(\.kind))
    func isNamedServedAndShownAlike(_ kind: String) throws {
        let (ours, theirs) = try definitions(kind)
        #expect(ours["spec", "group"] == theirs["spec", "group"])
        #expect(ours["spec", "names"] == theirs["spec", "names"])
        #expect(ours["spec", "scope"] == theirs["spec", "scope"])
        let versions = try #require(ours["spec", "versions"]?.array)
        let others = try #require(theirs["spec", "versions"]?.array)
        #expect(versions.map(outline) == others.map(outline))
    }

    @Test(
        .enabled(if: isPresent, "the public definitions are not beside the project"),
        arguments: CustomResource.configuration.map(\.kind))
    func allowsTheSame(_ kind: String) throws {
        let (ours, theirs) = try definitions(kind)
        let versions = try #require(ours["spec", "versions"]?.array)
        let others = try #require(theirs["spec", "versions"]?.array)
        for (version, other) in zip(versions, others) {
            let schema = try #require(version["schema", "openAPIV3Schema"])
            let reference = try #require(other["schema", "openAPIV3Schema"])
            #expect(schema["required"] == reference["required"])
            for part in ["spec", "status"] {
                let left = try #require(schema["properties", part])
                let right = try #require(reference["properties", part])
                #expect(SchemaComparison.differences(left, right, at: part) == [])
            }
        }
    }

    /// Every kind of difference is found, so that silence means agreement.
    @Test func noDifferenceEscapes() {
        let schema = Schema.object(
            [
                Schema.Field("mode", .oneOf("A", "B"), "A mode.", required: true),
                Schema.Field("size", .integer(from: 0, to: 9), "A size."),
                Schema.Field("names", .list(.string.length(1...5)).items(0...3), "Some names."),
                Schema.Field("labels", .map(.string.rules(SchemaRule("self != 'a'", "not a"))), "Some labels."),
            ], unknown: .dropped
        ).atMostOne(of: "size", "names").openAPI
        let changes: [([String], JSONValue)] = [
            (["required"], []), (["oneOf"], []), (["x-kubernetes-preserve-unknown-fields"], true),
            (["properties", "mode", "enum"], ["A"]), (["properties", "mode", "nullable"], true),
            (["properties", "size", "type"], "number"), (["properties", "size", "maximum"], 10),
            (["properties", "names", "maxItems"], 4), (["properties", "names", "items", "minLength"], 0),
            (["properties", "labels", "additionalProperties", "x-kubernetes-validations"], []),
            (["properties", "further"], ["type": "string"]),
        ]
        for (path, value) in changes {
            let changed = set(value, at: path[...], in: schema)
            #expect(SchemaComparison.differences(schema, changed, at: "").count == 1, "\(path)")
            #expect(SchemaComparison.differences(changed, schema, at: "").count == 1, "\(path)")
        }
        let reworded = set("Other words.", at: ["properties", "mode", "description"], in: schema)
        #expect(SchemaComparison.differences(schema, reworded, at: "") == [])
    }

    private func set(_ value: JSONValue, at path: ArraySlice<String>, in json: JSONValue) -> JSONValue {
        guard let name = path.first else { return value }
        var json = json
        json[name] = set(value, at: path.dropFirst(), in: json[name] ?? [:])
        return json
    }

    /// A version but for its schema, and columns but for their descriptions.
    private func outline(_ version: JSONValue) -> JSONValue {
        let columns = (version["additionalPrinterColumns"]?.array ?? []).map { column -> JSONValue in
            var column = column
            column["description"] = nil
            return column
        }
        return [
            "name": version["name"] ?? .null, "served": version["served"] ?? .null,
            "storage": version["storage"] ?? .null, "subresources": version["subresources"] ?? .null,
            "columns": .array(columns),
        ]
    }

    private func definitions(_ kind: String) throws -> (ours: JSONValue, theirs: JSONValue) {
        let resource = try #require(CustomResource.configuration.first { $0.kind == kind })
        let name = JSONValue.string("\(resource.plural).\(resource.group)")
        return (resource.definition, try #require(Self.definitions.first { $0["metadata", "name"] == name }))
    }

    /// One object of the public samples.
    struct Sample: Sendable, CustomTestStringConvertible {
        var file: String
        var object: UnstructuredObject
        var resource: CustomResource
        var testDescription: String { "\(file): \(resource.kind) \(object.name)" }
    }

    static let samples: [Sample] = {
        let folder = data.appending(path: "samples")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.sorted().filter { $0.hasSuffix(".yaml") }.flatMap { name -> [Sample] in
            let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let documents = text.flatMap { try? JSONValue.documents(yaml: $0) } ?? []
            return documents.compactMap { document in
                let parts = (document["apiVersion"]?.string ?? "").split(separator: "/").map(String.init)
                let resource = CustomResource.configuration.first {
                    $0.group == parts.first && $0.kind == document["kind"]?.string
                }
                return resource.map { Sample(file: name, object: UnstructuredObject(document), resource: $0) }
            }
        }
    }()

    @Test(.enabled(if: !samples.isEmpty, "the public samples are not beside the project"), arguments: samples)
    func takesPublicSamples(_ sample: Sample) throws {
        let version = try #require(
            sample.resource.versions.first { sample.object.apiVersion.hasSuffix("/\($0.name)") && $0.isServed })
        let spec = try #require(sample.object.json["spec"])
        #expect(OpenAPI.accepts(spec, by: version.spec.openAPI))
        #expect(version.spec.diagnostics(for: spec, at: "spec") == [])
    }
}
