import ArgumentParser
import KubernetesModel
import YAML

/// What is to be installed: files and fields, as every command takes them.
struct OperatorOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "IstioOperator file; - for standard input. Later files win.")
    var files: [String] = []

    @Option(
        name: [.customShort("s"), .customLong("set")],
        help: "A field of the spec, such as values.pilot.env.A=b or components.ingressGateways[name:x].enabled=true.")
    var settings: [String] = []

    @Option(help: "Name of the control plane's revision.")
    var revision: String?

    @Option(
        name: [.customLong("manifests"), .customShort("d"), .customLong("charts")],
        help: "Folder with profiles: NAME.yaml or profiles/NAME.yaml.")
    var manifests: String?

    @Option(
        name: [.customShort("i"), .customLong("istioNamespace")], help: "Namespace of the control plane.")
    var istioNamespace: String?

    /// The IstioOperator that files and fields give together.
    func input() throws(InputFault) -> OperatorInput {
        let read = InputDocuments(reading: files)
        var findings = read.findings
        var settings: [Setting] = []
        for text in self.settings {
            do { settings.append(try Setting(parsing: text)) } catch { findings += error.findings }
        }
        settings += flags
        let documents = read.documents.compactMap(\.asOperator)
        let doubts = read.documents.filter { $0.asOperator == nil }.map(\.whyNoOperator) + documents.flatMap(\.doubts)
        let others = doubts.filter { $0.severity != .error }
        findings += doubts.filter { $0.severity == .error } + repeatedOperators(documents)
        if documents.isEmpty, findings.isEmpty, !files.isEmpty {
            let message = "no IstioOperator in \(files.joined(separator: ", "))"
            throw InputFault(others + [Finding(.error, message)])
        }
        guard findings.isEmpty else { throw InputFault(findings) }
        tell(others)
        return try OperatorInput(documents, settings)
    }

    /// The options that are fields of their own, after `--set`.
    private var flags: [Setting] {
        var flags: [Setting] = []
        if let revision { flags.append(Setting(["revision"], revision, argument: "--revision \(revision)")) }
        if let manifests {
            flags.append(Setting(["installPackagePath"], manifests, argument: "--manifests \(manifests)"))
        }
        if let istioNamespace {
            let argument = "--istioNamespace \(istioNamespace)"
            flags.append(Setting(["namespace"], istioNamespace, argument: argument))
            flags.append(Setting(["values", "global", "istioNamespace"], istioNamespace, argument: argument))
        }
        return flags
    }

    /// Two objects in one file are most likely two installs, which would be merged into one unseen.
    private func repeatedOperators(_ documents: [InputDocument]) -> [Finding] {
        Dictionary(grouping: documents, by: \.file).values.filter { $0.count > 1 }
            .sorted { $0[0].file < $1[0].file }
            .map { found in
                let lines = found.map { String($0.node.mark.line) }.joined(separator: " and ")
                return Finding(
                    at: found[1].place(of: ""), subject: found[1].subject,
                    "the file holds \(found.count) IstioOperators, on lines \(lines); give each a file of its own")
            }
    }
}
