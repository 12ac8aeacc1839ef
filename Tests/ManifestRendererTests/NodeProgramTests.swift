import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// The CNI plugin and ztunnel.
@Suite struct NodeProgramTests {
    private func ambient(
        _ values: JSONValue = [:], cni: JSONValue? = nil, ztunnel: JSONValue? = nil,
        _ change: (inout IstioOperatorSpec) -> Void = { _ in }
    ) throws -> RenderedManifests {
        try render(purpose: .file) {
            $0.profile = "ambient"
            $0.hub = "registry.example/mesh"
            $0.tag = "1.30.0"
            $0.values = values
            if let cni {
                var component = ComponentSpec()
                component.k8s = cni
                $0.components.cni = component
            }
            if let ztunnel {
                var component = ComponentSpec()
                component.k8s = ztunnel
                $0.components.ztunnel = component
            }
            change(&$0)
        }
    }

    // MARK: images

    /// There is no such program of this project's. Nothing may be applied that could never start.
    @Test(arguments: ["cni", "ztunnel"])
    func anInstallNeedsSomebodyElsesImage(_ name: String) throws {
        func spec(_ hub: String?, _ tag: String?) -> (inout IstioOperatorSpec) -> Void {
            return { spec in
                var component = ComponentSpec()
                component.hub = hub
                component.tag = tag
                if name == "cni" { spec.components.cni = component } else { spec.components.ztunnel = component }
            }
        }
        for (hub, tag, missing) in [
            (nil, nil, "spec.components.\(name).hub and spec.components.\(name).tag"),
            ("docker.io/istio", nil, "spec.components.\(name).tag"), (nil, "1.30.0", "spec.components.\(name).hub"),
        ] as [(String?, String?, String)] {
            let error = try #require(throws: RenderError.self) { try render(spec(hub, tag)) }
            #expect(error.diagnostics.map(\.path) == ["spec.components.\(name)"])
            #expect(error.description.contains("set \(missing) to"))
        }
        let daemonSet = name == "cni" ? "istio-cni-node" : "ztunnel"
        #expect(try render(spec("docker.io/istio", "1.30.0")).has("DaemonSet", daemonSet))
        let printed = try render(purpose: .file, spec(nil, nil))
        #expect(printed.has("DaemonSet", daemonSet))
        #expect(printed.warned == ["spec.components.\(name)"])
        let global = try render {
            spec(nil, nil)(&$0)
            $0.hub = "docker.io/istio"
            $0.tag = "1.30.0"
        }
        let image = name == "cni" ? "install-cni" : "ztunnel"
        #expect(
            try global.object("DaemonSet", daemonSet).containers.first?["image"]
                == .string("docker.io/istio/\(image):1.30.0"))
        let own = try render {
            spec(nil, nil)(&$0)
            $0.values = .object([name: ["image": "a.example/agent@sha256:0"]])
        }
        #expect(try own.object("DaemonSet", daemonSet).containers.first?["image"] == "a.example/agent@sha256:0")
        let refused = try #require(throws: RenderError.self) {
            try render {
                spec(nil, nil)(&$0)
                $0.hub = apusHub
                $0.tag = apusVersion
            }
        }
        #expect(refused.diagnostics.map(\.path) == ["spec.components.\(name)"])
    }

    @Test func valuesSwitchThePrograms() throws {
        let on = try render(purpose: .file) { $0.values = ["cni": ["enabled": true], "ztunnel": ["enabled": true]] }
        #expect(on.has("DaemonSet", "istio-cni-node") && on.has("DaemonSet", "ztunnel"))
        #expect(on.enabledComponents.isSuperset(of: [.cni, .ztunnel]))
        let off = try ambient(["cni": ["enabled": false]])
        #expect(!off.has("DaemonSet", "istio-cni-node") && off.has("DaemonSet", "ztunnel"))
    }

    /// The injector has to know that Pods need no container that captures their traffic.
    @Test(arguments: ["components", "istio_cni", "istioCni", "pilot"])
    func theControlPlaneKnowsOfThePlugin(_ place: String) throws {
        let rendered = try render(purpose: .file) {
            switch place {
            case "components": $0.components.cni = ComponentSpec()
            case "pilot": $0.values = ["pilot": ["cni": ["enabled": true]]]
            default: $0.values = .object([place: ["enabled": true]])
            }
        }
        let text = try rendered.object("ConfigMap", "istio-sidecar-injector")["data", "values"]?.string ?? ""
        #expect(try JSONValue(parsing: text)["pilot", "cni", "enabled"] == true)
        #expect(rendered.has("DaemonSet", "istio-cni-node") == (place == "components"))
    }

    // MARK: the plugin

    /// Each way of repairing Pods comes with the rights it takes, and no more.
    @Test(
        arguments: [
            (["repairPods": true], []), (["repairPods": false, "deletePods": true], ["pods delete"]),
            (["repairPods": false, "labelPods": true], ["pods/status patch", "pods/status update"]),
        ] as [(JSONValue, [String])])
    func repairingTakesRights(_ repair: JSONValue, _ rights: [String]) throws {
        let rendered = try render(purpose: .file) {
            $0.components.cni = ComponentSpec()
            $0.values = ["cni": ["repair": repair, "hub": "docker.io/istio", "tag": "1.30.0"]]
        }
        let rules = try rendered.object("ClusterRole", "istio-cni-repair-role")["rules"]?.array ?? []
        let granted = rules.flatMap { rule in
            (rule["resources"]?.array ?? []).flatMap { resource in
                (rule["verbs"]?.array ?? []).map { "\(resource.string ?? "") \($0.string ?? "")" }
            }
        }
        let reading = ["events create", "events patch", "pods get", "pods list", "pods watch"]
        #expect(Set(granted) == Set(reading + rights))
        #expect(rendered.warnings.isEmpty)
        #expect(!rendered.has("ClusterRole", "istio-cni-ambient"))
    }

    @Test func onlyOneWayOfRepairingIsTaken() throws {
        let rendered = try ambient(["cni": ["repair": ["deletePods": true, "labelPods": true]]])
        #expect(rendered.warned == ["spec.values.cni.repair.deletePods", "spec.values.cni.repair.labelPods"])
        let off = try ambient(["cni": ["repair": ["enabled": false]]])
        #expect(!off.has("ClusterRole", "istio-cni-repair-role"))
        #expect(!off.has("ClusterRoleBinding", "istio-cni-repair-rolebinding"))
    }

    /// Every variable that the agent knows is there, and empty ones, which Kubernetes once refused, are not.
    @Test func theAgentIsConfigured() throws {
        let data = try ambient().object("ConfigMap", "istio-cni-config")["data"]?.object ?? [:]
        #expect(data.values.allSatisfy { $0.string?.isEmpty == false })
        #expect(data["AMBIENT_ENABLED"] == "true")
        #expect(data["CNI_CONF_NAME"] == nil)
        let selectors = try JSONValue.documents(yaml: data["AMBIENT_ENABLEMENT_SELECTOR"]?.string ?? "").first
        #expect(selectors?.array?.count == 2)
        let changed = try ambient([
            "cni": [
                "excludeNamespaces": ["a", "b"], "cniConfFileName": "05-x.conflist", "chained": false,
                "ambient": ["ipv6": false, "dnsCapture": false], "istioOwnedCNIConfig": true,
            ]
        ]).object("ConfigMap", "istio-cni-config")["data"]
        #expect(changed?["EXCLUDE_NAMESPACES"] == "a,b")
        #expect(changed?["CNI_CONF_NAME"] == "05-x.conflist")
        #expect(changed?["CHAINED_CNI_PLUGIN"] == "false")
        #expect(changed?["AMBIENT_IPV6"] == "false")
        #expect(changed?["AMBIENT_DNS_CAPTURE"] == "false")
        #expect(changed?["ISTIO_OWNED_CNI_CONFIG"] == "true")
    }

    @Test func theAgentLogsAsItIsTold() throws {
        func arguments(_ values: JSONValue) throws -> JSONValue? {
            try ambient(values).object("DaemonSet", "istio-cni-node").containers.first?["args"]
        }
        #expect(try arguments([:]) == ["--log_output_level=info"])
        #expect(
            try arguments(["global": ["logging": ["level": "cni:debug"], "logAsJson": true]])
                == ["--log_output_level=cni:debug", "--log_as_json"])
        #expect(
            try arguments(["global": ["logging": ["level": "x:debug"]], "cni": ["logging": ["level": "warn"]]])
                == ["--log_output_level=warn"])
    }

    // MARK: ztunnel

    @Test func ztunnelFindsItsControlPlane() throws {
        func variables(_ change: (inout IstioOperatorSpec) -> Void) throws -> JSONValue {
            try #require(ambient([:], change).object("DaemonSet", "ztunnel").containers.first)
        }
        let plain = try variables { _ in }
        #expect(plain.variable("XDS_ADDRESS") == "istiod.istio-system.svc:15012")
        #expect(plain.variable("ISTIO_META_ENABLE_HBONE") == "true")
        #expect(plain.variable("NETWORK") == nil)
        let revision = try variables {
            $0.revision = "canary"
            $0.values = [
                "global": ["network": "n1", "multiCluster": ["clusterName": "c1"]],
                "ztunnel": ["logLevel": "debug", "env": ["MORE": "yes"], "terminationGracePeriodSeconds": 60],
            ]
        }
        #expect(revision.variable("CA_ADDRESS") == "istiod-canary.istio-system.svc:15012")
        #expect(revision.variable("NETWORK") == "n1")
        #expect(revision.variable("ISTIO_META_CLUSTER_ID") == "c1")
        #expect(revision.variable("RUST_LOG") == "debug")
        #expect(revision.variable("MORE") == "yes")
        #expect(revision.variable("TERMINATION_GRACE_PERIOD_SECONDS") == "60")
        let elsewhere = try variables { $0.values = ["ztunnel": ["xdsAddress": "a:1", "caAddress": "b:2"]] }
        #expect(elsewhere.variable("XDS_ADDRESS") == "a:1" && elsewhere.variable("CA_ADDRESS") == "b:2")
    }

    /// Certificates for other workloads are given only to the account that ztunnel really has.
    @Test func theControlPlaneTrustsZtunnelWhereItIs() throws {
        let rendered = try ambient(["ztunnel": ["resourceName": "zt"]]) {
            var component = ComponentSpec()
            component.namespace = "nodes"
            $0.components.ztunnel = component
        }
        #expect(try rendered.object("DaemonSet", "zt")["metadata", "namespace"] == "nodes")
        #expect(
            try rendered.object("Deployment", "istiod").containers.first?.variable("CA_TRUSTED_NODE_ACCOUNTS")
                == "nodes/zt")
    }

    @Test func unknownFieldsOfZtunnelAreNamed() throws {
        let error = try #require(throws: RenderError.self) {
            try ambient(["ztunnel": ["loglevel": "debug", "resource": [:]]])
        }
        #expect(error.diagnostics.map(\.path) == ["spec.values.ztunnel.loglevel", "spec.values.ztunnel.resource"])
        #expect(error.description.contains("did you mean \"logLevel\"?"))
    }

    // MARK: overrides

    @Test(arguments: ["cni", "ztunnel"])
    func overridesReachDaemonSets(_ name: String) throws {
        let overrides: JSONValue = [
            "affinity": ["nodeAffinity": [:]], "env": [["name": "NEW", "value": "1"]], "imagePullPolicy": "Always",
            "nodeSelector": ["disk": "ssd"], "podAnnotations": ["a": 1], "priorityClassName": "high",
            "resources": ["requests": ["cpu": "1m"]], "securityContext": ["fsGroup": 1],
            "strategy": ["type": "OnDelete"], "tolerations": [["key": "k", "operator": "Exists"]],
            "volumes": [["name": "v", "emptyDir": [:]]], "volumeMounts": [["name": "v", "mountPath": "/v"]],
        ]
        let rendered = try ambient(cni: name == "cni" ? overrides : nil, ztunnel: name == "ztunnel" ? overrides : nil)
        let object = try rendered.object("DaemonSet", name == "cni" ? "istio-cni-node" : "ztunnel")
        #expect(object["spec", "updateStrategy"] == ["type": "OnDelete"])
        let pod = try #require(object["spec", "template", "spec"])
        #expect(pod["affinity"] == ["nodeAffinity": [:]])
        #expect(pod["nodeSelector"] == ["disk": "ssd", "kubernetes.io/os": "linux"])
        #expect(pod["priorityClassName"] == "high")
        #expect(pod["securityContext", "fsGroup"] == 1)
        #expect(pod["tolerations"] == [["key": "k", "operator": "Exists"]])
        #expect(pod["volumes"]?.array?.contains(["name": "v", "emptyDir": [:]]) == true)
        #expect(object["spec", "template", "metadata", "annotations", "a"] == "1")
        let container = try #require(object.containers.first)
        #expect(object.containers.count == 1)
        #expect(container.variable("NEW") == "1")
        #expect(container["imagePullPolicy"] == "Always")
        #expect(container["resources", "requests", "cpu"] == "1m")
        #expect(container["volumeMounts"]?.array?.contains(["name": "v", "mountPath": "/v"]) == true)
    }

    @Test func whatADaemonSetCannotHaveIsWarnedAbout() throws {
        let rendered = try ambient(cni: [
            "hpaSpec": ["minReplicas": 2], "service": ["type": "ClusterIP"],
            "podDisruptionBudget": ["minAvailable": 1], "serviceAnnotations": ["a": "b"],
        ])
        let fields = ["hpaSpec", "podDisruptionBudget", "service", "serviceAnnotations"]
        #expect(rendered.warned == fields.map { "spec.components.cni.k8s.\($0)" })
        let fixed = try ambient(ztunnel: ["replicaCount": 2])
        #expect(fixed.warned == ["spec.components.ztunnel.k8s.replicaCount"])
        #expect(try fixed.object("DaemonSet", "ztunnel")["spec", "replicas"] == nil)
    }

    @Test func overlaysReachEveryObject() throws {
        let rendered = try ambient(
            cni: [
                "overlays": [
                    ["kind": "ConfigMap", "name": "istio-cni-config", "patches": [["path": "data.X", "value": "y"]]]
                ]
            ],
            ztunnel: [
                "overlays": [
                    [
                        "kind": "DaemonSet", "name": "ztunnel",
                        "patches": [
                            ["path": "spec.template.spec.containers.[name:istio-proxy].args[1]", "value": "x"]
                        ],
                    ]
                ]
            ])
        #expect(try rendered.object("ConfigMap", "istio-cni-config")["data", "X"] == "y")
        #expect(try rendered.object("DaemonSet", "ztunnel").containers.first?["args"] == ["proxy", "x"])
    }
}
