import IstioAPI
import KubernetesModel
import MeshValidation

extension InputDocuments {
    /// All that is wrong or doubtful about the documents, in the order of the text. What there are no rules for is
    /// noted once a file.
    func validated(kubernetesMinor: Int) -> [Finding] {
        let unknown = documents.filter(\.isOfUnknownKind)
        let notes = Dictionary(grouping: unknown, by: \.file).map { file, documents in
            let kinds = Dictionary(grouping: documents, by: \.object.groupVersionKind.groupKind)
            let counts = kinds.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            return Finding(
                .note, at: .file(file, nil),
                "passed over, for there are no rules here: \(counts.joined(separator: ", "))")
        }
        return
            (findings + notes.sorted { $0.message < $1.message }
            + documents.flatMap { $0.findings(kubernetesMinor: kubernetesMinor) }).inOrder
    }
}

extension InputDocument {
    /// Whether no rule here is about objects like this.
    fileprivate var isOfUnknownKind: Bool {
        !object.kind.isEmpty && !object.apiVersion.isEmpty && !isOfKnownGroup && groupOfKind == nil
    }

    private var isOfKnownGroup: Bool { CustomResource.all.contains { $0.group == object.groupVersionKind.group } }

    /// The group that the kind is really of, if another one of Istio's is given.
    private var groupOfKind: String? {
        guard object.groupVersionKind.group.hasSuffix(".istio.io") else { return nil }
        return CustomResource.all.first { $0.kind == object.kind }?.group
    }

    /// All that is wrong or doubtful about this object, as far as its kind is known.
    func findings(kubernetesMinor: Int) -> [Finding] {
        guard !object.kind.isEmpty else { return [finding("kind", "is required: it says what this object is")] }
        guard !object.apiVersion.isEmpty else {
            return [finding("apiVersion", "is required: it says by which rules this object is read")]
        }
        let kind = object.groupVersionKind
        let siblings = CustomResource.all.filter { $0.group == kind.group }
        guard let resource = siblings.first(where: { $0.kind == kind.kind }) else { return unknownKind(siblings) }
        guard resource.versions.contains(where: { $0.name == kind.version }) else {
            let known = resource.versions.map { "\(resource.group)/\($0.name)" }.joined(separator: ", ")
            return [
                finding(
                    "apiVersion",
                    "there is no version \"\(kind.version)\" of \(kind.kind); known are \(known)")
            ]
        }
        if resource.kind == CustomResource.istioOperator.kind { return operatorFindings(kubernetesMinor) }
        return (object.unknownTopLevelFields + nameDiagnostics + configurationDiagnostics(of: object)).map {
            finding($0)
        }
    }

    private func operatorFindings(_ kubernetesMinor: Int) -> [Finding] {
        do {
            return Rendering(try OperatorInput([self], []), kubernetesMinor: kubernetesMinor).findings
        } catch {
            return error.findings
        }
    }

    private var nameDiagnostics: [Diagnostic] {
        if object.name.isEmpty {
            return object.json["metadata", "generateName"] == nil
                ? [Diagnostic(path: "metadata.name", message: "is required")] : []
        }
        return doubts(object.name, TextRule.dnsSubdomain, "metadata.name")
            + (object.namespace.isEmpty ? [] : doubts(object.namespace, TextRule.dnsLabel, "metadata.namespace"))
            + (object.json["metadata", "labels"]?.object ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value in
                let path = FieldPath.field(key, of: "metadata.labels")
                return doubts(key, TextRule.labelKey, path) + doubts(value.string ?? "", TextRule.labelValue, path)
            }
    }

    /// A name that no API server takes; whoever applies the file may give it another one.
    private func doubts(_ text: String, _ rule: TextRule, _ path: String) -> [Diagnostic] {
        guard !rule.accepts(text) else { return [] }
        let message = "is \"\(text)\", which API servers refuse: it must be \(rule.words)"
        return [Diagnostic(.warning, path: path, message: message)]
    }

    /// A kind that is not known: an error if it claims to be of a group whose kinds are all known.
    private func unknownKind(_ siblings: [CustomResource]) -> [Finding] {
        let kind = object.groupVersionKind
        if let group = groupOfKind {
            return [finding("apiVersion", "there is no \(kind.kind) in \(kind.group); its group is \(group)")]
        }
        if let near = Spelling.nearest(to: kind.kind, among: siblings.map(\.kind)) {
            return [finding("kind", "there is no \(kind.kind) in \(kind.group); did you mean \(near)?")]
        }
        if !siblings.isEmpty {
            let known = siblings.map(\.kind).sorted().joined(separator: ", ")
            return [finding("kind", "there is no \(kind.kind) in \(kind.group); its kinds are \(known)")]
        }
        return []
    }

    private func finding(_ path: String, _ message: String) -> Finding {
        finding(Diagnostic(path: path, message: message))
    }

    private func finding(_ diagnostic: Diagnostic) -> Finding {
        Finding(
            Finding.Severity(diagnostic.severity), at: place(of: diagnostic.path), subject: subject,
            diagnostic.description)
    }
}
