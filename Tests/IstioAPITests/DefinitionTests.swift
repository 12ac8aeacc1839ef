import Foundation
import IstioAPI
import KubernetesModel
import MeshTesting
import Testing

/// The custom resource definitions, by the rules that the API server has for them.
@Suite struct DefinitionTests {
    @Test(arguments: CustomResource.all.map(\.kind))
    func isStructural(_ kind: String) throws {
        let definition = try definition(kind)
        let versions = try #require(definition["spec", "versions"]?.array)
        #expect(!versions.isEmpty)
        for version in versions {
            let schema = try #require(version["schema", "openAPIV3Schema"])
            #expect(schema["type"] == "object")
            #expect(OpenAPI.violations(schema) == [])
        }
        #expect(versions.filter { $0["storage"] == true }.count == 1)
    }

    @Test(arguments: CustomResource.all.map(\.kind))
    func describesEveryField(_ kind: String) throws {
        let version = try #require(definition(kind)["spec", "versions"]?.array?.first)
        let schema = try #require(version["schema", "openAPIV3Schema"])
        #expect(undescribed(try #require(schema["properties", "spec"]), at: "spec") == [])
        #expect(undescribed(try #require(schema["properties", "status"]), at: "status") == [])
        #expect(schema["description"]?.string?.isEmpty == false)
    }

    private func undescribed(_ schema: JSONValue, at path: String) -> [String] {
        let fields = schema["properties"]?.object ?? [:]
        let here = fields.filter { ($0.value["description"]?.string ?? "").count < 8 }.map { "\(path).\($0.key)" }
        let inner = fields.flatMap { undescribed($0.value, at: "\(path).\($0.key)") }
        return here + inner + (schema["items"].map { undescribed($0, at: "\(path)[]") } ?? [])
            + (schema["additionalProperties"].map { undescribed($0, at: "\(path){}") } ?? [])
    }

    /// What `kubectl`, dashboards and Argo CD rely on.
    @Test func istioOperatorIsNamedAndShownAsUsersKnowIt() throws {
        let definition = try definition("IstioOperator")
        #expect(definition["metadata", "name"] == "istiooperators.install.istio.io")
        #expect(definition["spec", "group"] == "install.istio.io")
        #expect(definition["spec", "scope"] == "Namespaced")
        #expect(
            definition["spec", "names"] == [
                "kind": "IstioOperator", "listKind": "IstioOperatorList", "plural": "istiooperators",
                "singular": "istiooperator", "shortNames": ["iop", "io"],
            ])
        let versions = try #require(definition["spec", "versions"]?.array)
        #expect(versions.map { $0["name"] } == ["v1alpha1"])
        #expect(versions[0]["subresources"] == ["status": [:]])
        let columns = try #require(versions[0]["additionalPrinterColumns"]?.array)
        #expect(columns.map { $0["name"] } == ["Revision", "Status", "Age"])
        #expect(
            columns.map { $0["jsonPath"] } == [".spec.revision", ".status.status", ".metadata.creationTimestamp"])
    }

    /// Mistakes in it are told in its status, all at once and with advice, instead of by the API server.
    @Test func whateverStandsInAnIstioOperatorIsStored() throws {
        let version = try #require(definition("IstioOperator")["spec", "versions"]?.array?.first)
        let spec = try #require(version["schema", "openAPIV3Schema", "properties", "spec"])
        #expect(spec["properties", "components", "properties", "pilot"] != nil)
        for seed in 0..<UInt64(100) {
            var random = SeededGenerator(seed: seed)
            #expect(OpenAPI.accepts(random.json(depth: 5), by: spec), "seed \(seed)")
            #expect(OpenAPI.accepts(random.value(of: .istioOperatorSpec, faults: true), by: spec), "seed \(seed)")
        }
    }

    /// Servers before Kubernetes 1.25 refuse to apply rules that they do not know.
    @Test(arguments: CustomResource.all.map(\.kind))
    func rulesCanBeLeftOut(_ kind: String) throws {
        let resource = try #require(CustomResource.all.first { $0.kind == kind })
        let text = resource.definition(hasRules: false).jsonText
        #expect(!text.contains("x-kubernetes-validations"))
        #expect(without("x-kubernetes-validations", resource.definition).jsonText == text)
    }

    private func without(_ key: String, _ json: JSONValue) -> JSONValue {
        switch json {
        case .object(let fields): .object(fields.filter { $0.key != key }.mapValues { without(key, $0) })
        case .array(let elements): .array(elements.map { without(key, $0) })
        default: json
        }
    }

    /// `kubectl apply` keeps the whole object in an annotation of at most 256 KiB.
    @Test(arguments: CustomResource.all.map(\.kind))
    func fitsIntoAnAnnotation(_ kind: String) throws {
        #expect(try definition(kind).jsonBytes.count < 200 * 1024)
    }

    /// What people apply from the folder is what the types give, and the folder's kustomization names all of it.
    @Test func theFolderHoldsEveryDefinition() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../CRDs").standardized
        let files = CustomResource.all.map { "\($0.group)_\($0.plural).yaml" }
        for (file, kind) in zip(files, CustomResource.all) {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            #expect(try JSONValue.documents(yaml: text) == [kind.definition], "\(file): run Hack/generate")
        }
        let text = try String(contentsOf: folder.appending(path: "kustomization.yaml"), encoding: .utf8)
        #expect(try JSONValue.documents(yaml: text).first?["resources"] == JSONValue(files))
    }

    private func definition(_ kind: String) throws -> JSONValue {
        try #require(CustomResource.all.first { $0.kind == kind }).definition
    }
}

/// Properties that hold for any input; a failure names its seed.
@Suite struct SchemaPropertyTests {
    @Test(arguments: 0..<UInt64(200))
    func anyJSONIsAnsweredTheSameWayTwice(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let json = random.json(depth: 5)
        #expect(IstioOperatorSpec.read(json) == IstioOperatorSpec.read(json))
        if json.object == nil, !json.isNull { #expect(IstioOperatorSpec.read(json).diagnostics.hasErrors) }
        _ = IstioOperatorStatus(json)
    }

    @Test(arguments: CustomResource.all.map(\.kind))
    func whatTheSchemaAllowsIsNeitherReportedNorRefused(_ kind: String) throws {
        let schema = try spec(kind)
        let openAPI = schema.openAPI
        for seed in 0..<UInt64(100) {
            var random = SeededGenerator(seed: seed)
            let value = random.value(of: schema, faults: false)
            #expect(schema.diagnostics(for: value, at: "spec") == [], "seed \(seed)")
            #expect(OpenAPI.accepts(value, by: openAPI), "seed \(seed)")
        }
    }

    private func spec(_ kind: String) throws -> Schema {
        try #require(CustomResource.all.first { $0.kind == kind }?.versions.first).spec
    }

    /// What the API server refuses we report too, so that files are judged alike with and without a cluster.
    @Test(arguments: CustomResource.all.map(\.kind))
    func theServerRefusesNothingThatIsNotReported(_ kind: String) throws {
        let schema = try spec(kind)
        let openAPI = schema.openAPI
        var refused = 0
        for seed in 0..<UInt64(400) {
            var random = SeededGenerator(seed: seed)
            let value = random.value(of: schema, faults: true)
            let isRefused = !OpenAPI.accepts(value, by: openAPI)
            refused += isRefused ? 1 : 0
            if isRefused {
                #expect(schema.diagnostics(for: value, at: "spec").hasErrors, "seed \(seed)")
            }
        }
        #expect(refused > 20)
    }

    @Test(arguments: 0..<UInt64(100))
    func everyPathLeadsIntoTheSpec(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let value = random.value(of: .istioOperatorSpec, faults: true)
        for diagnostic in IstioOperatorSpec.read(value).diagnostics {
            #expect(["spec", "spec.", "spec["].contains(String(diagnostic.path.prefix(5))))
            #expect(!diagnostic.message.isEmpty && !diagnostic.message.hasSuffix("."))
        }
    }
}
