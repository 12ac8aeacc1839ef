import ArgumentParser
import IstioAPI
import KubernetesModel
import ManifestRenderer
import YAML

/// `apus manifest`
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Shows what an install consists of.", subcommands: [Generate.self])

    /// `apus manifest generate`
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate", abstract: "Prints the objects that an install applies, in apply order.")

        @Option(name: [.customShort("f"), .customLong("filename")], help: "IstioOperator file; - for standard input.")
        var files: [String] = []

        @Option(name: .customLong("kubernetes-version"), help: "Version the objects are for, such as 1.30.")
        var kubernetesVersion = "1.33"

        func run() throws {
            do {
                let rendered = try renderedManifests()
                for warning in rendered.warnings { tell("warning: \(warning)") }
                print(yamlText(documents: rendered.manifests.map { YAMLNode($0.object.json) }), terminator: "")
            } catch let error as InputError {
                tell("\(error)")
                throw ExitCode.fault
            } catch let error as RenderError {
                for diagnostic in error.diagnostics { tell("\(diagnostic)") }
                throw ExitCode.fault
            }
        }

        private func renderedManifests() throws -> RenderedManifests {
            let iop = try files.isEmpty ? Self.defaultOperator : onlyIstioOperator(in: files)
            let read = IstioOperatorSpec.read(iop.specJSON)
            guard !read.diagnostics.hasErrors else { throw RenderError(diagnostics: read.diagnostics) }
            guard let minor = kubernetesVersion.split(separator: ".").dropFirst().first.flatMap({ Int($0) }) else {
                throw InputError(
                    description: "--kubernetes-version \(kubernetesVersion): give major.minor, such as 1.30")
            }
            var rendered = try manifests(
                for: RenderInput(owner: iop.key, spec: read.spec, facts: ClusterFacts(kubernetesMinor: minor)))
            rendered.warnings = read.diagnostics + rendered.warnings
            return rendered
        }

        private static var defaultOperator: IstioOperator {
            IstioOperator(
                UnstructuredObject([
                    "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
                    "metadata": ["name": "installed", "namespace": "istio-system"], "spec": [:],
                ]))
        }
    }
}

/// `apus validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks IstioOperator files; one line a fault.")

    @Option(name: [.customShort("f"), .customLong("filename")], help: "File or folder; - for standard input.")
    var files: [String]

    func run() throws {
        var faults = 0
        do {
            for document in try inputDocuments(files) where document.object.kind == "IstioOperator" {
                let iop = IstioOperator(document.object)
                for diagnostic in IstioOperatorSpec.read(iop.specJSON).diagnostics {
                    tell("\(document.place): \(document.object.reference): \(diagnostic.severity): \(diagnostic)")
                    if diagnostic.severity == .error { faults += 1 }
                }
            }
        } catch let error as InputError {
            tell("\(error)")
            faults += 1
        }
        if faults > 0 { throw ExitCode.fault }
    }
}
