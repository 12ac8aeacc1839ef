import ArgumentParser
import EnvoyAPI
import EnvoyTranslator
import FoundationEssentials
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
            let settings = try meshConfig.map { try text(of: $0) }
            return try filters(of: InputDocuments(reading: files), meshConfig: settings)
        }
        tell(findings.inOrder)
        guard !findings.hasErrors else { throw ExitCode.fault }
        print(json)
    }

    private func filters(
        of input: InputDocuments, meshConfig: String?
    ) throws -> (json: String, findings: [Finding]) {
        var findings = input.findings
        var objects = ClusterObjects()
        objects.meshConfig = meshConfig
        for document in input.documents {
            findings += (objects.add(document.object) ?? []).map { document.finding($0) }
        }
        var base = MeshSettings()
        base.apply(environment: ProcessInfo.processInfo.environment)
        let translation = MeshTranslation(objects, settings: base)
        for document in input.documents {
            findings += (translation.diagnostics[document.reference] ?? []).map { document.finding($0) }
        }
        var snapshot = translation.snapshot
        if let trustDomain { snapshot.settings.trustDomain = trustDomain }
        if !trustDomainAliases.isEmpty { snapshot.settings.trustDomainAliases = trustDomainAliases }
        KnownTypes.register()
        let filters = try snapshot.authorizationFilters(kind == .http ? .http : .tcp).map { try $0.jsonString() }
        return ("[" + filters.joined(separator: ",\n ") + "]", findings)
    }
}

extension InputDocument {
    /// The object as the mesh knows it: one without a namespace is in `default`.
    fileprivate var reference: ObjectReference {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        return ObjectReference(
            object.groupVersionKind.groupKind, ObjectKey(namespace: namespace, name: object.name))
    }

    fileprivate func finding(_ diagnostic: Diagnostic) -> Finding {
        Finding(
            Finding.Severity(diagnostic.severity), at: place(of: diagnostic.path), subject: subject,
            diagnostic.description)
    }
}
