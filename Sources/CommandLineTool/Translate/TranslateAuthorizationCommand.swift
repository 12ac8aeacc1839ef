import ArgumentParser
import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf

/// `apus translate authz`
struct TranslateAuthorizationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authz",
        abstract: "Prints the filters by which an Envoy holds to AuthorizationPolicies, as a JSON list.",
        discussion: "All policies of the files count, as for one workload that every one of them selects.")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case http
        case tcp
    }

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File or folder with policies, and the Services of their providers; - for standard input.")
    var files: [String] = []

    @Option(help: "What is looked at: requests (http) or connections (tcp).")
    var kind: Kind

    @Option(name: .customLong("mesh-config"), help: "File with the mesh settings that name providers.")
    var meshConfig: String?

    @Option(name: .customLong("trust-domain"), help: "Name of the mesh's trust domain.")
    var trustDomain: String?

    @Option(name: .customLong("trust-domain-alias"), help: "Another name of it; may be given again.")
    var trustDomainAliases: [String] = []

    func validate() throws {
        if files.isEmpty { throw ValidationError("name a file or folder with -f") }
    }

    func run() throws {
        let (json, findings) = try tellingFaults {
            let settings = try settings()
            let mesh = MeshFiles(InputDocuments(reading: files), settings: settings.value)
            return (try filters(of: mesh.snapshot), settings.findings + mesh.findings)
        }
        tell(findings.inOrder)
        guard !findings.hasErrors else { throw ExitCode.fault }
        print(json)
    }

    private func settings() throws -> (value: MeshSettings, findings: [Finding]) {
        guard let meshConfig else { return (.ofThisProcess, []) }
        let read = meshSettings(try text(of: meshConfig), over: .ofThisProcess)
        return (
            read.value,
            read.diagnostics.map {
                Finding(Finding.Severity($0.severity), at: .file(meshConfig, nil), $0.description)
            }
        )
    }

    private func filters(of snapshot: MeshSnapshot) throws -> String {
        var snapshot = snapshot
        if let trustDomain { snapshot.settings.trustDomain = trustDomain }
        if !trustDomainAliases.isEmpty { snapshot.settings.trustDomainAliases = trustDomainAliases }
        KnownTypes.register()
        let filters = try snapshot.authorizationFilters(kind == .http ? .http : .tcp).map { try $0.jsonString() }
        return "[" + filters.joined(separator: ",\n ") + "]"
    }
}
