import ArgumentParser
import InstallationValues
import IstioAPI
import KubernetesModel
import ManifestRenderer
import YAML

/// `apus profile`
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Shows the profiles that an IstioOperator can be laid over.",
        subcommands: [ProfileListCommand.self, ProfileDumpCommand.self])
}

/// `apus profile list`
struct ProfileListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the profiles.")

    @Option(
        name: [.customLong("manifests"), .customShort("d"), .customLong("charts")],
        help: "Folder with further profiles.")
    var manifests: String?

    private var ownSummary: String { "From \(manifests ?? "")." }

    func run() throws {
        try tellingFaults {
            let own = try manifests.map(profileNames) ?? []
            let builtIn = Profile.allCases.map { profile in
                (profile.rawValue, own.contains(profile.rawValue) ? ownSummary : profile.summary)
            }
            let others = own.filter { Profile(rawValue: $0) == nil }.map { ($0, ownSummary) }
            let width = (builtIn + others).map(\.0.count).max() ?? 0
            try put(
                (builtIn + others).map { name, summary in
                    name + String(repeating: " ", count: width - name.count + 2) + summary + "\n"
                }.joined())
        }
    }
}

/// `apus profile dump`
struct ProfileDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Prints what a profile asks for, with files and fields laid over it.")

    /// How a spec is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case yaml, json
        /// As arguments of `--set`, one a line.
        case flags
    }

    @Argument(help: "The profile; the one that the files name if left out, else default.")
    var name: String?

    @OptionGroup var operatorOptions: OperatorOptions

    @Option(name: .shortAndLong, help: "How to print it.")
    var output = Format.yaml

    @Option(
        name: [.customLong("config-path"), .customShort("p")],
        help: "Print only what stands at this path of the spec, such as components.pilot.")
    var configPath: String?

    func run() throws {
        try tellingFaults {
            let spec = try dumpedSpec(of: name, over: try operatorOptions.input())
            try put(try printed(spec))
        }
    }

    private func printed(_ spec: JSONValue) throws(InputFault) -> String {
        var shown: JSONValue = ["apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "spec": spec]
        if let configPath {
            guard let found = spec.value(at: FieldStep.steps(configPath)) else {
                throw InputFault("nothing stands there in this profile", at: .argument("--config-path \(configPath)"))
            }
            shown = found
        }
        switch output {
        case .yaml: return yamlText(YAMLNode(shown))
        case .json: return shown.jsonText + "\n"
        case .flags:
            let root = configPath == nil ? spec : shown
            return root.leaves(at: configPath ?? "").map { "\($0.path)=\($0.value)\n" }.joined()
        }
    }
}

/// A profile's spec, with what is laid over it.
func dumpedSpec(of name: String?, over input: OperatorInput) throws(InputFault) -> JSONValue {
    var read = IstioOperatorSpec.read(input.istioOperator.specJSON)
    let faults = read.diagnostics.filter { $0.severity == .error }
    guard faults.isEmpty else { throw InputFault(faults.map { input.finding($0) }) }
    read.spec.profile = name ?? read.spec.profile
    let own = try packageProfiles(for: read.spec, input)
    guard !own.findings.hasErrors else { throw InputFault(own.findings) }
    let request = RenderInput(
        owner: input.istioOperator.key, spec: read.spec, facts: ClusterFacts(kubernetesMinor: 0),
        packageProfiles: own.specs)
    do {
        return try request.profile().json.merging(read.spec.json)
    } catch {
        throw InputFault(
            error.diagnostics.map { name == nil ? input.finding($0) : Finding(.error, $0.message) })
    }
}

extension JSONValue {
    /// What stands at the end of a path.
    fileprivate func value(at steps: [FieldStep]) -> JSONValue? {
        steps.reduce(Optional(self)) { value, step in
            switch step {
            case .field(let name): return value?[name]
            case .index(let index):
                guard let elements = value?.array, elements.indices.contains(index) else { return Optional.none }
                return elements[index]
            }
        }
    }

    /// Every value that holds no others, with its path as `--set` takes it, in the order of the paths.
    fileprivate func leaves(at path: String) -> [(path: String, value: String)] {
        switch self {
        case .object(let fields) where !fields.isEmpty:
            return fields.sorted { $0.key < $1.key }.flatMap { name, value in
                let escaped = name.replacing(".", with: "\\.")
                return value.leaves(at: path.isEmpty ? escaped : "\(path).\(escaped)")
            }
        case .array(let elements) where !elements.isEmpty:
            return elements.enumerated().flatMap { index, element in element.leaves(at: "\(path)[\(index)]") }
        case .object: return path.isEmpty ? [] : [(path, "{}")]
        case .string(let text): return [(path, settingText(text))]
        default: return [(path, jsonText)]
        }
    }
}

/// A text in quotes if it would be read as something else.
private func settingText(_ text: String) -> String {
    settingValue(text, of: nil) == .string(text) ? text : JSONValue.string(text).jsonText
}
