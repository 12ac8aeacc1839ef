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

    /// `kubectl apply` keeps the whole object in an annotation of at most 256 KiB.
    @Test(arguments: CustomResource.all.map(\.kind))
    func fitsIntoAnAnnotation(_ kind: String) throws {
        #expect(try definition(kind).jsonBytes.count < 200 * 1024)
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

    @Test(arguments: 0..<UInt64(200))
    func whatTheSchemaAllowsIsNotReported(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let value = random.value(of: .istioOperatorSpec, faults: false)
        #expect(Schema.istioOperatorSpec.diagnostics(for: value, at: "spec") == [])
    }

    /// What the API server refuses we report too, so that files are judged alike with and without a cluster.
    @Test func theServerRefusesNothingThatIsNotReported() {
        let openAPI = Schema.istioOperatorSpec.openAPI
        var refused = 0
        for seed in 0..<UInt64(400) {
            var random = SeededGenerator(seed: seed)
            let value = random.value(of: .istioOperatorSpec, faults: true)
            let isRefused = !OpenAPI.accepts(value, by: openAPI)
            refused += isRefused ? 1 : 0
            if isRefused {
                #expect(Schema.istioOperatorSpec.diagnostics(for: value, at: "spec").hasErrors, "seed \(seed)")
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
