import KubernetesModel

/// An OpenAPI document (version 2 or 3) of which only the definitions that are asked for are read.
///
/// Such a document has megabytes. Finding where each definition starts and ends needs no tree; only the few that a
/// kind reaches are parsed.
struct OpenAPIDocument {
    private static let kindKey = "x-kubernetes-group-version-kind"

    private let bytes: [UInt8]
    private let ranges: [String: Range<Int>]

    /// Finds the definitions.
    init(_ bytes: [UInt8]) throws(JSONScanError) {
        self.bytes = bytes
        let scanner = JSONScanner(bytes)
        // Version 2 keeps them in `definitions`, version 3 in `components.schemas`.
        let top = try scanner.fields(of: 0)
        if let definitions = top["definitions"] {
            ranges = try scanner.fields(of: definitions.lowerBound)
        } else if let components = top["components"],
            let schemas = try scanner.fields(of: components.lowerBound)["schemas"]
        {
            ranges = try scanner.fields(of: schemas.lowerBound)
        } else {
            ranges = [:]
        }
    }

    /// The fields of those of `kinds` that the document describes.
    func fields(of kinds: Set<GroupVersionKind>) throws -> [GroupVersionKind: FieldTree] {
        let names = Set(kinds.map(\.kind))
        var trees: [GroupVersionKind: FieldTree] = [:]
        for (name, range) in ranges where names.contains(String(name.split(separator: ".").last ?? "")) {
            let definition = try JSONValue(parsing: bytes[range])
            for entry in definition[OpenAPIDocument.kindKey]?.array ?? [] {
                let kind = GroupVersionKind(
                    group: entry["group"]?.string ?? "", version: entry["version"]?.string ?? "",
                    kind: entry["kind"]?.string ?? "")
                if kinds.contains(kind) { trees[kind] = try tree(from: definition) }
            }
        }
        return trees
    }

    /// The tree that starts at a definition, with all definitions it reaches.
    private func tree(from definition: JSONValue) throws -> FieldTree {
        var tree = FieldTree(definitions: [:], root: .anything)
        var wanted: Set<String> = []
        tree.root = FieldTree.Shape(schema: definition, references: &wanted)
        while let name = wanted.popFirst() {
            guard tree.definitions[name] == nil, let range = ranges[name] else { continue }
            var found: Set<String> = []
            tree.definitions[name] = FieldTree.Shape(
                schema: try JSONValue(parsing: bytes[range]), references: &found)
            wanted.formUnion(found)
        }
        return tree
    }
}

extension FieldTree.Shape {
    /// Reads a schema.
    ///
    /// - Parameter references: Gets the names of the definitions that it points to.
    init(schema: JSONValue, references: inout Set<String>) {
        if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
            references.insert(String(name))
            self = .named(String(name))
        } else if let all = schema["allOf"]?.array, let only = all.first, all.count == 1 {
            self.init(schema: only, references: &references)  // how version 3 attaches a default to a reference
        } else if schema["x-kubernetes-preserve-unknown-fields"]?.bool == true {
            self = .anything
        } else if let properties = schema["properties"]?.object {
            var fields: [String: FieldTree.Shape] = [:]
            for (name, property) in properties {
                fields[name] = FieldTree.Shape(schema: property, references: &references)
            }
            self = .object(fields)
        } else if let items = schema["items"] {
            self = .list(FieldTree.Shape(schema: items, references: &references))
        } else if let values = schema["additionalProperties"], values.object != nil {
            self = .map(FieldTree.Shape(schema: values, references: &references))
        } else if let type = schema["type"]?.string, type != "object", type != "array" {
            self = .leaf
        } else {
            self = .anything
        }
    }
}
