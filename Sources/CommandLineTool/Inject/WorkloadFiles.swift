import KubernetesModel
import SidecarInjector
import YAML

/// The documents of files in which the Pods of workloads have their sidecars.
struct WorkloadFiles {
    var documents: [YAMLNode] = []
    var findings: [Finding] = []
    private var settings: InjectionSettings

    init(_ settings: InjectionSettings) { self.settings = settings }

    /// Adds the documents of a text.
    mutating func add(_ text: String, of file: String) throws(InputFault) {
        let nodes: [YAMLNode]
        do { nodes = try yamlDocuments(text) } catch {
            throw InputFault("not YAML: \(error.message)", at: .file(file, error.mark))
        }
        for node in nodes {
            let json = JSONValue(node)
            if json.isNull { continue }
            guard json.object != nil else {
                throw InputFault("a Kubernetes object is a map", at: .file(file, node.mark))
            }
            // What is not changed keeps the order in which it was written.
            documents.append(injected(json, node, of: file).map { YAMLNode($0) } ?? node)
        }
    }

    /// The object with sidecars; nil if it stays as it is.
    private mutating func injected(_ json: JSONValue, _ node: YAMLNode, of file: String) -> JSONValue? {
        if json["kind"] == "List", let items = json["items"]?.array {
            var nodes: [YAMLNode] = []
            if case .sequence(let written)? = node["items"]?.content { nodes = written }
            let changed = items.enumerated().map { index, item in
                injected(item, nodes.indices.contains(index) ? nodes[index] : node, of: file)
            }
            guard changed.contains(where: { $0 != nil }) else { return nil }
            var list = json
            list["items"] = .array(zip(items, changed).map { $1 ?? $0 })
            return list
        }
        guard let workload = WorkloadDocument(json) else { return nil }
        let subject = "\(workload.object.kind) \(workload.object.key)"
        do {
            switch try injection(of: workload.request, with: settings) {
            case .skipped(let reason):
                findings.append(
                    Finding(.note, at: .file(file, node.mark), subject: subject, "gets no sidecar: \(reason)"))
                return nil
            case .injected(let pod, let warnings):
                findings += warnings.map { Finding(.warning, at: .file(file, node.mark), subject: subject, $0) }
                return workload.object(with: pod)
            }
        } catch {
            findings += error.diagnostics.map { diagnostic in
                let isOfPod = ["metadata", "spec"].contains { diagnostic.path.hasPrefix($0) }
                let path = isOfPod ? workload.path(ofPodField: diagnostic.path) : ""
                return Finding(
                    Finding.Severity(diagnostic.severity),
                    at: .file(file, node.place(of: FieldStep.steps(path)).mark), subject: subject,
                    path.isEmpty ? diagnostic.description : "\(path): \(diagnostic.message)")
            }
            return nil
        }
    }
}
