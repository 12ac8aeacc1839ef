import FoundationEssentials
import IstioAPI
import KubernetesModel
import YAML

/// One YAML document of the input, and where it stands.
struct InputDocument {
    /// `FILE:LINE`.
    var place: String
    var object: UnstructuredObject
}

/// Why the input cannot be read.
struct InputError: Error, CustomStringConvertible {
    var description: String
}

/// The documents of files, folders (read recursively) and, as `-`, of standard input.
func inputDocuments(_ paths: [String]) throws -> [InputDocument] {
    try paths.flatMap(files).flatMap { file in
        let text = try read(file)
        let nodes: [YAMLNode]
        do { nodes = try yamlDocuments(text) } catch {
            throw InputError(description: "\(file): not YAML: \(error)")
        }
        return try nodes.map { node in
            let json = JSONValue(node)
            guard json.object != nil else {
                throw InputError(description: "\(file):\(node.mark.line): a \(json.typeName) is no Kubernetes object")
            }
            return InputDocument(place: "\(file):\(node.mark.line)", object: UnstructuredObject(json))
        }
    }
}

/// The only IstioOperator among the documents.
func onlyIstioOperator(in paths: [String]) throws -> IstioOperator {
    let found = try inputDocuments(paths).filter { $0.object.kind == "IstioOperator" }
    guard let first = found.first else {
        throw InputError(description: "no IstioOperator in \(paths.joined(separator: ", ")); give one with -f")
    }
    guard found.count == 1 else {
        throw InputError(
            description: "\(found.count) IstioOperators (\(found.map(\.place).joined(separator: ", "))); give one")
    }
    var object = first.object
    if object.name.isEmpty { object.json["metadata", "name"] = "installed" }
    if object.namespace.isEmpty { object.json["metadata", "namespace"] = "istio-system" }
    return IstioOperator(object)
}

private func files(_ path: String) throws -> [String] {
    guard path != "-" else { return [path] }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw InputError(description: "cannot read \(path): there is no such file")
    }
    guard isFolder else { return [path] }
    return try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") || $0.hasSuffix(".json") }
        .map { "\(path)/\($0)" }
}

private func read(_ file: String) throws -> String {
    let data: Data
    do {
        data = try Data(contentsOf: URL(filePath: file == "-" ? "/dev/stdin" : file))
    } catch {
        throw InputError(description: "cannot read \(file): \(error)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
        throw InputError(description: "\(file): not UTF-8 text")
    }
    return text
}
