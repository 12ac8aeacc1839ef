import FoundationEssentials
import KubernetesModel
import YAML

/// One YAML document of the input, and where it stands.
struct InputDocument {
    var file: String
    /// From 1; nil if it is the only one of its file.
    var number: Int?
    var node: YAMLNode
    var object: UnstructuredObject

    /// Which object it is, for messages.
    var subject: String {
        let key = object.name.isEmpty ? "" : " \(object.key)"
        let kind = object.kind.isEmpty ? "object" : object.kind
        return "\(kind)\(key)\(number.map { " (document \($0))" } ?? "")"
    }

    func place(of path: String) -> Place { .file(file, node.place(of: FieldStep.steps(path)).mark) }
}

/// What was found in files, with all that is wrong about them.
struct InputDocuments {
    var documents: [InputDocument] = []
    var findings: [Finding] = []

    /// The documents of files, folders (read recursively) and, as `-`, of standard input.
    init(reading paths: [String]) {
        for path in paths {
            do {
                for file in try inputFiles(path) { add(try text(of: file), of: file) }
            } catch let fault as InputFault {
                findings += fault.findings
            } catch {
                findings.append(Finding(at: .file(path, nil), "cannot be read: \(error)"))
            }
        }
    }

    /// The documents of one text.
    init(text: String, of file: String) { add(text, of: file) }

    private mutating func add(_ text: String, of file: String) {
        let nodes: [YAMLNode]
        do {
            nodes = try yamlDocuments(text)
        } catch {
            findings.append(Finding(at: .file(file, error.mark), "not YAML: \(error.message)"))
            return
        }
        for (index, node) in nodes.enumerated() { add(node, nodes.count > 1 ? index + 1 : nil, of: file) }
    }

    /// Adds a document; of a `List` each of its items.
    private mutating func add(_ node: YAMLNode, _ number: Int?, of file: String) {
        let json = JSONValue(node)
        guard json.object != nil else {
            findings.append(
                Finding(at: .file(file, node.mark), "a Kubernetes object is a map, but this is \(json.shortRendering)"))
            return
        }
        if json["kind"] == "List", json["apiVersion"] == "v1", case .sequence(let items)? = node["items"]?.content {
            for item in items { add(item, number, of: file) }
            return
        }
        documents.append(
            InputDocument(file: file, number: number, node: node, object: UnstructuredObject(json)))
    }
}

/// The files that a path stands for.
func inputFiles(_ path: String) throws -> [String] {
    guard path != "-" else { return [path] }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw InputFault("cannot be read: there is no such file or folder", at: .file(path, nil))
    }
    guard isFolder else { return [path] }
    return try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") || $0.hasSuffix(".json") }
        .map { "\(path)/\($0)" }
}
