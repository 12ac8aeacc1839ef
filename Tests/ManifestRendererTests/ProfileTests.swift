import Foundation
import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// What a spec with nothing but these fields renders to, on a cluster of today.
func render(kubernetes minor: Int = 33, _ change: (inout IstioOperatorSpec) -> Void = { _ in })
    throws(RenderError) -> RenderedManifests
{
    var spec = IstioOperatorSpec()
    change(&spec)
    let owner = ObjectKey(namespace: "istio-system", name: "installed")
    return try manifests(
        for: RenderInput(owner: owner, spec: spec, facts: ClusterFacts(kubernetesMinor: minor)))
}

extension RenderedManifests {
    /// The object of a kind and name; an expectation fails where there is none.
    func object(_ kind: String, _ name: String) throws -> JSONValue {
        try #require(manifests.first { $0.object.kind == kind && $0.object.name == name }?.object.json)
    }

    func has(_ kind: String, _ name: String) -> Bool {
        manifests.contains { $0.object.kind == kind && $0.object.name == name }
    }
}

@Suite struct ProfileTests {
    private static let reference = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/reference/rendered-objects-by-profile.json")

    static var hasReference: Bool { FileManager.default.fileExists(atPath: reference.path()) }

    /// The same objects under the same names as Istio's, but for the CRDs, and with the namespace.
    @Test(
        .enabled(if: hasReference, "the list of Istio's objects does not lie beside this checkout"),
        arguments: ["default", "minimal"])
    func rendersIstiosObjects(_ profile: String) throws {
        let lists = try JSONValue(parsing: try Data(contentsOf: ProfileTests.reference))
        let listed = try #require(lists[profile]?.array).compactMap { entry -> String? in
            let parts = (entry.array ?? []).compactMap(\.string)
            return parts.first == "CustomResourceDefinition" ? nil : parts.joined(separator: " ")
        }
        let rendered = try render { $0.profile = profile }.manifests.map { manifest in
            "\(manifest.object.kind) \(manifest.object.namespace) \(manifest.object.name)"
        }
        #expect(rendered.sorted() == (listed + ["Namespace  istio-system"]).sorted())
    }

    @Test func emptyRendersNothing() throws {
        let rendered = try render { $0.profile = "empty" }
        #expect(rendered.manifests.isEmpty)
        #expect(rendered.enabledComponents.isEmpty)
    }

    @Test(arguments: ["demo", "preview", "stable", "remote", "ambient", "openshift", "openshift-ambient"])
    func profilesToComeAreNamed(_ name: String) throws {
        let error = try #require(throws: RenderError.self) { try render { $0.profile = name } }
        #expect(error.diagnostics.map(\.path) == ["spec.profile"])
        #expect(error.description.contains("not rendered by this build yet"))
        #expect(error.description.contains("default, minimal, empty"))
    }

    @Test func unknownProfilesGetASuggestion() throws {
        let error = try #require(throws: RenderError.self) { try render { $0.profile = "minimum" } }
        #expect(error.description.contains("did you mean \"minimal\"?"))
        let other = try #require(throws: RenderError.self) { try render { $0.profile = "xyzzy" } }
        #expect(!other.description.contains("did you mean"))
    }

    @Test(arguments: 19...36)
    func choosesServedVersions(_ minor: Int) throws {
        let rendered = try render(kubernetes: minor) { $0.values = ["pilot": ["autoscaleMin": 2]] }
        let autoscaler = try rendered.object("HorizontalPodAutoscaler", "istiod")
        #expect(autoscaler["apiVersion"] == .string(minor >= 23 ? "autoscaling/v2" : "autoscaling/v2beta2"))
        let budget = try rendered.object("PodDisruptionBudget", "istiod")
        #expect(budget["apiVersion"] == .string(minor >= 21 ? "policy/v1" : "policy/v1beta1"))
    }

    /// What is served decides, not the version number: a group may be switched off, or given by a CRD.
    @Test func discoveryBeatsTheVersionNumber() throws {
        var facts = ClusterFacts(kubernetesMinor: 24)
        facts.served.remove(APIResource.horizontalPodAutoscalers("v2").groupVersionKind)
        let input = RenderInput(
            owner: ObjectKey(namespace: "istio-system", name: "installed"), spec: IstioOperatorSpec(), facts: facts)
        let autoscaler = try manifests(for: input).object("HorizontalPodAutoscaler", "istiod")
        #expect(autoscaler["apiVersion"] == "autoscaling/v2beta2")
    }
}
