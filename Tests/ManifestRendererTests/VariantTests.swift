import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// What `values.global.platform` and `compatibilityVersion` stand for.
@Suite struct VariantTests {
    private func nodeAgent(_ values: JSONValue, platform: String? = nil) throws -> RenderedManifests {
        try render(purpose: .file, platform: platform) {
            $0.components.cni = ComponentSpec()
            $0.values = values
        }
    }

    private func folders(_ rendered: RenderedManifests) throws -> [String: String] {
        let volumes = try rendered.object("DaemonSet", "istio-cni-node")["spec", "template", "spec", "volumes"]?.array
        let pairs = (volumes ?? []).map { ($0["name"]?.string ?? "", $0["hostPath", "path"]?.string ?? "") }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    @Test(arguments: [
        ("", "/opt/cni/bin", "/etc/cni/net.d", "/var/run/netns"),
        ("gke", "/home/kubernetes/bin", "/etc/cni/net.d", "/var/run/netns"),
        ("k3d", "/bin", "/var/lib/rancher/k3s/agent/etc/cni/net.d", "/var/run/netns"),
        (
            "k3s", "/var/lib/rancher/k3s/data/cni", "/var/lib/rancher/k3s/agent/etc/cni/net.d", "/var/run/netns"
        ),
        (
            "microk8s", "/var/snap/microk8s/current/opt/cni/bin", "/var/snap/microk8s/current/args/cni-network",
            "/var/run/netns"
        ),
        ("minikube", "/opt/cni/bin", "/etc/cni/net.d", "/var/run/docker/netns"),
        ("openshift", "/var/lib/cni/bin", "/etc/cni/multus/net.d", "/var/run/netns"),
    ])
    func platformsKeepPluginsElsewhere(
        _ platform: String, _ programs: String, _ configuration: String, _ namespaces: String
    ) throws {
        let folders = try folders(try nodeAgent(["global": ["platform": .string(platform)]]))
        #expect(folders["cni-bin-dir"] == programs)
        #expect(folders["cni-net-dir"] == configuration)
        #expect(folders["cni-netns-dir"] == namespaces)
    }

    @Test func whatAPersonSaysBeatsThePlatform() throws {
        let rendered = try nodeAgent(["global": ["platform": "gke"], "cni": ["cniBinDir": "/mine"]])
        #expect(try folders(rendered)["cni-bin-dir"] == "/mine")
        #expect(rendered.has("ResourceQuota", "istio-cni-resource-quota"))
        let off = try nodeAgent(["global": ["platform": "gke"], "cni": ["resource_quotas": ["enabled": false]]])
        #expect(!off.has("ResourceQuota", "istio-cni-resource-quota"))
    }

    @Test func openShiftCallsThePluginThroughMultus() throws {
        let rendered = try nodeAgent(["global": ["platform": "openshift"]])
        #expect(try rendered.object("NetworkAttachmentDefinition", "istio-cni")["metadata", "namespace"] == "default")
        let data = try rendered.object("ConfigMap", "istio-cni-config")["data"]
        #expect(data?["CHAINED_CNI_PLUGIN"] == "false")
        #expect(data?["CNI_CONF_NAME"] == "istio-cni.conf")
        let container = try #require(rendered.object("DaemonSet", "istio-cni-node").containers.first)
        #expect(container["securityContext", "seLinuxOptions", "type"] == "spc_t")
        let gateway = try rendered.object("Deployment", "istio-ingressgateway")
        #expect(gateway["spec", "template", "spec", "securityContext", "runAsUser"] == nil)
        #expect(gateway["spec", "template", "spec", "securityContext", "runAsNonRoot"] == true)
        #expect(!(try nodeAgent([:])).has("NetworkAttachmentDefinition", "istio-cni"))
    }

    /// On GKE critical Pods may run in kube-system without further ado, so the plugin goes there.
    @Test func gkeIsSeen() throws {
        #expect(ClusterFacts.platform(ofVersion: "v1.33.1-gke.100") == "gke")
        #expect(ClusterFacts.platform(ofVersion: "v1.33.1") == nil)
        let rendered = try nodeAgent([:], platform: "gke")
        #expect(try rendered.object("DaemonSet", "istio-cni-node")["metadata", "namespace"] == "kube-system")
        #expect(try folders(rendered)["cni-bin-dir"] == "/home/kubernetes/bin")
        #expect(!rendered.has("ResourceQuota", "istio-cni-resource-quota"))
        #expect(try rendered.object("Deployment", "istiod").containers.first?.variable("PLATFORM") == "gke")
    }

    @Test func unknownPlatformsGetASuggestion() throws {
        let error = try #require(throws: RenderError.self) {
            try render { $0.values = ["global": ["platform": "openshfit"]] }
        }
        #expect(error.diagnostics.map(\.path) == ["spec.values.global.platform"])
        #expect(error.description.contains("did you mean \"openshift\"?"))
    }

    /// Each version has the older behaviours of all versions up to it.
    @Test(arguments: [("1.25", 8), ("1.26", 8), ("1.27", 7), ("1.28", 5), ("1.29", 4), ("1.30", 3), ("1.31", 1)])
    func olderVersionsSwitchNewerBehaviourOff(_ version: String, _ count: Int) throws {
        let rendered = try render { $0.compatibilityVersion = version }
        let plain = try render()
        func variables(_ rendered: RenderedManifests) throws -> [JSONValue] {
            try rendered.object("Deployment", "istiod").containers.first?["env"]?.array ?? []
        }
        let known = try variables(plain)
        let added = try variables(rendered).filter { !known.contains($0) }
        #expect(added.count == count)
        #expect(added.allSatisfy { $0["value"] == "false" })
        #expect(rendered.warnings.isEmpty)
    }

    @Test func compatibilityReachesTheNodes() throws {
        let rendered = try render(purpose: .file) {
            $0.profile = "ambient"
            $0.values = ["compatibilityVersion": "1.25"]
        }
        let pod = try rendered.object("DaemonSet", "istio-cni-node")["spec", "template", "spec"]
        #expect(pod?["hostNetwork"] == true)
        #expect(pod?["dnsPolicy"] == "ClusterFirstWithHostNet")
        let data = try rendered.object("ConfigMap", "istio-cni-config")["data"]
        #expect(data?["AMBIENT_RECONCILE_POD_RULES_ON_STARTUP"] == "false")
        let container = try #require(rendered.object("DaemonSet", "istio-cni-node").containers.first)
        #expect(container.variable("ALLOW_SWITCH_TO_HOST_NS") == nil)
    }

    /// What a person sets is kept, whatever an older version had.
    @Test func whatAPersonSaysBeatsTheVersion() throws {
        let rendered = try render {
            $0.compatibilityVersion = "1.26"
            $0.values = ["pilot": ["env": ["ENABLE_NATIVE_SIDECARS": "true"]]]
        }
        let container = try #require(rendered.object("Deployment", "istiod").containers.first)
        #expect(container.variable("ENABLE_NATIVE_SIDECARS") == "true")
        #expect(container.variable("DISABLE_SHADOW_HOST_SUFFIX") == "false")
    }

    @Test(arguments: ["1.24", "1.99", "1.2", "one"])
    func unknownVersionsAreRefused(_ version: String) throws {
        let error = try #require(throws: RenderError.self) { try render { $0.compatibilityVersion = version } }
        #expect(error.diagnostics.map(\.path) == ["spec.compatibilityVersion"])
        #expect(error.description.contains("1.25, 1.26, 1.27, 1.28, 1.29, 1.30, 1.31"))
        let values = try #require(throws: RenderError.self) {
            try render { $0.values = ["compatibilityVersion": .string(version)] }
        }
        #expect(values.diagnostics.map(\.path) == ["spec.values.compatibilityVersion"])
    }
}
