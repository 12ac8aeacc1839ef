import Foundation
import InstallationValues
import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// What a spec with nothing but these fields renders to, on a cluster of today.
func render(
    kubernetes minor: Int = 33, purpose: RenderInput.Purpose = .installation,
    packageProfiles: [String: IstioOperatorSpec] = [:], platform: String? = nil,
    _ change: (inout IstioOperatorSpec) -> Void = { _ in }
) throws(RenderError) -> RenderedManifests {
    var spec = IstioOperatorSpec()
    change(&spec)
    var facts = ClusterFacts(kubernetesMinor: minor)
    facts.platform = platform
    let owner = ObjectKey(namespace: "istio-system", name: "installed")
    return try manifests(
        for: RenderInput(
            owner: owner, spec: spec, facts: facts, purpose: purpose, packageProfiles: packageProfiles))
}

extension RenderedManifests {
    /// The object of a kind and name; an expectation fails where there is none.
    func object(_ kind: String, _ name: String) throws -> JSONValue {
        try #require(manifests.first { $0.object.kind == kind && $0.object.name == name }?.object.json)
    }

    /// The paths of the warnings.
    var warned: [String] { warnings.map(\.path) }

    func has(_ kind: String, _ name: String) -> Bool {
        manifests.contains { $0.object.kind == kind && $0.object.name == name }
    }
}

extension JSONValue {
    /// The containers of a workload.
    var containers: [JSONValue] { self["spec", "template", "spec", "containers"]?.array ?? [] }

    /// The text of an environment variable of a container; nil where it has none.
    func variable(_ name: String) -> String? {
        self["env"]?.array?.first { $0["name"]?.string == name }?["value"]?.string
    }
}

@Suite struct ProfileTests {
    private static let reference = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/reference/rendered-objects-by-profile.json")

    static var hasReference: Bool { FileManager.default.fileExists(atPath: reference.path()) }

    /// The same objects under the same names as Istio's. On OpenShift the programs of the nodes lie where istioctl puts
    /// them; the list was made by its charts, which put all into one namespace.
    @Test(
        .enabled(if: hasReference, "the list of Istio's objects does not lie beside this checkout"),
        arguments: Profile.allCases.filter { $0 != .empty })
    func rendersIstiosObjects(_ profile: Profile) throws {
        let lists = try JSONValue(parsing: try Data(contentsOf: ProfileTests.reference))
        let listed = try #require(lists[profile.rawValue]?.array).map { entry in
            (entry.array ?? []).compactMap(\.string).joined(separator: " ")
        }
        let nodeComponents: [Component] = profile.rawValue.hasPrefix("openshift") ? [.cni, .ztunnel] : []
        let rendered = try render(purpose: .file) { $0.profile = profile.rawValue }.manifests.map { manifest in
            let object = manifest.object
            guard nodeComponents.contains(manifest.component), object.namespace == "kube-system" else {
                return "\(object.kind) \(object.namespace) \(object.name)"
            }
            return "\(object.kind) istio-system \(object.name)"
        }
        #expect(rendered.sorted() == listed.sorted())
    }

    @Test func emptyRendersNothing() throws {
        let rendered = try render { $0.profile = "empty" }
        #expect(rendered.manifests.isEmpty)
        #expect(rendered.enabledComponents.isEmpty)
    }

    @Test func unknownProfilesGetASuggestion() throws {
        let error = try #require(throws: RenderError.self) { try render { $0.profile = "minimum" } }
        #expect(error.diagnostics.map(\.path) == ["spec.profile"])
        #expect(error.description.contains("did you mean \"minimal\"?"))
        let other = try #require(throws: RenderError.self) { try render { $0.profile = "xyzzy" } }
        #expect(!other.description.contains("did you mean"))
        #expect(other.description.contains("openshift-ambient"))
        let values = try #require(throws: RenderError.self) { try render { $0.values = ["profile": "ambien"] } }
        #expect(values.diagnostics.map(\.path) == ["spec.values.profile"])
        #expect(values.description.contains("did you mean \"ambient\"?"))
    }

    @Test func everyProfileSaysWhatItIsFor() {
        let summaries = Profile.allCases.map(\.summary)
        #expect(Set(summaries).count == Profile.allCases.count)
        #expect(summaries.allSatisfy { !$0.isEmpty && $0.count < 120 && !$0.contains("\n") })
    }

    @Test func demoIsSmallAndTellsEverything() throws {
        let rendered = try render { $0.profile = "demo" }
        let gateway = try rendered.object("Deployment", "istio-ingressgateway")
        #expect(gateway["spec", "replicas"] == 1)
        let resources = try #require(gateway.containers.first?["resources"])
        #expect(resources["requests"] == ["cpu": "10m", "memory": "40Mi"])
        #expect(resources["limits"] == ["cpu": "2000m", "memory": "1024Mi"])
        let ports = try rendered.object("Service", "istio-ingressgateway")["spec", "ports"]?.array ?? []
        #expect(ports.compactMap { $0["port"]?.integer } == [15021, 80, 443, 31400, 15443])
        let mesh = try rendered.object("ConfigMap", "istio")["data", "mesh"]?.string ?? ""
        #expect(mesh.contains("accessLogFile: /dev/stdout"))
        for provider in ["otel", "skywalking", "otel-tracing", "jaeger"] {
            #expect(mesh.contains("name: \(provider)\n"))
        }
        let istiod = try #require(rendered.object("Deployment", "istiod").containers.first)
        #expect(istiod["resources", "requests"] == ["cpu": "10m", "memory": "100Mi"])
        #expect(istiod.variable("PILOT_TRACE_SAMPLING") == "100")
    }

    /// `values.profile` stands for the values of a profile, not for its components.
    @Test func valuesOfAProfileAlone() throws {
        let rendered = try render { $0.values = ["profile": "preview"] }
        let mesh = try rendered.object("ConfigMap", "istio")["data", "mesh"]?.string ?? ""
        #expect(mesh.contains("ISTIO_META_DNS_CAPTURE"))
        let ambient = try render { $0.values = ["profile": "ambient"] }
        #expect(!ambient.has("DaemonSet", "ztunnel"))
        #expect(
            try ambient.object("Deployment", "istiod").containers.first?.variable("PILOT_ENABLE_AMBIENT") == "true")
    }

    // MARK: profiles of a package

    /// They are laid over the default profile, of which the package may have one as well, and come before built-in ones.
    /// Whoever renders could not read the folder: that is said, not swallowed.
    @Test func aFolderThatNobodyReadIsWarnedAbout() throws {
        let unread = try render { $0.installPackagePath = "profiles" }
        #expect(unread.warned == ["spec.installPackagePath"])
        let read = try render(packageProfiles: ["default": IstioOperatorSpec()]) { $0.installPackagePath = "profiles" }
        #expect(read.warned == [])
    }

    @Test func packagesBringProfiles() throws {
        var own = IstioOperatorSpec()
        own.values = ["pilot": ["autoscaleMax": 9]]
        var base = IstioOperatorSpec()
        base.values = ["pilot": ["autoscaleMin": 3, "autoscaleMax": 7]]
        func bounds(_ profile: String?, _ profiles: [String: IstioOperatorSpec]) throws -> [Int64?] {
            let rendered = try render(packageProfiles: profiles) { $0.profile = profile }
            let spec = try rendered.object("HorizontalPodAutoscaler", "istiod")["spec"]
            return [spec?["minReplicas"]?.integer, spec?["maxReplicas"]?.integer]
        }
        #expect(try bounds("ours", ["ours": own]) == [1, 9])
        #expect(try bounds("ours", ["ours": own, "default": base]) == [3, 9])
        #expect(try bounds("minimal", ["default": base]) == [3, 7])
        #expect(try bounds(nil, ["default": base]) == [3, 7])
        #expect(try bounds("minimal", ["minimal": own]) == [1, 9])
        #expect(try bounds("a/file.yaml", ["a/file.yaml": own]) == [1, 9])

        let minimal = try render(packageProfiles: ["minimal": own]) { $0.profile = "minimal" }
        #expect(
            minimal.has("Deployment", "istio-ingressgateway"), "the package's profile takes the built-in one's place")
        let error = try #require(throws: RenderError.self) {
            try render(packageProfiles: ["ours": own]) { $0.profile = "our" }
        }
        #expect(error.description.contains("did you mean \"ours\"?"))
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
