import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// What a spec renders to for others to apply.
private func renderFile(_ change: (inout IstioOperatorSpec) -> Void = { _ in }) throws -> RenderedManifests {
    var spec = IstioOperatorSpec()
    change(&spec)
    let owner = ObjectKey(namespace: "istio-system", name: "installed")
    return try manifests(
        for: RenderInput(owner: owner, spec: spec, facts: ClusterFacts(kubernetesMinor: 33), purpose: .file))
}

private func rules(_ rendered: RenderedManifests, _ kind: String, _ name: String) throws -> [JSONValue] {
    try rendered.object(kind, name)["rules"]?.array ?? []
}

@Suite struct AccessModeTests {
    /// Whether the control plane may replace webhooks tells Istio's rules from those that are cut to this build, which
    /// only changes its own fields in them.
    private func replacesWebhooks(_ rendered: RenderedManifests) throws -> Bool {
        try rules(rendered, "ClusterRole", "istiod-clusterrole-istio-system").contains {
            $0["apiGroups"] == ["admissionregistration.k8s.io"] && $0["verbs"]?.array?.contains("update") == true
        }
    }

    @Test func istiosRulesGoWithIstiosImagesAndFiles() throws {
        #expect(try !replacesWebhooks(render()))
        #expect(try replacesWebhooks(renderFile()))
        #expect(try replacesWebhooks(render { $0.hub = "docker.io/istio" }))
        #expect(try replacesWebhooks(render { $0.values = ["pilot": ["image": "a.example/pilot:1"]] }))
    }

    @Test func whoChoosesIsHeard() throws {
        #expect(try replacesWebhooks(render { $0.values = ["apus": ["rbac": "istio"]] }))
        #expect(try !replacesWebhooks(renderFile { $0.values = ["apus": ["rbac": "derived"]] }))
    }

    /// Kubernetes lets nobody grant what he may not do himself: whatever rendered roles hold stands in the list.
    @Test(arguments: ControlPlaneRoles.allCases)
    func everyGrantIsListed(_ roles: ControlPlaneRoles) throws {
        let rendered = try render {
            $0.profile = "minimal"
            $0.values = [
                "apus": ["rbac": .string(roles.rawValue)],
                "global": ["istiod": ["enableAnalysis": true], "externalIstiod": true],
                "pilot": ["env": ["ENABLE_CLUSTER_TRUST_BUNDLE_API": "true"]],
            ]
        }
        let listed = Set(controlPlaneGrants(roles).map(\.json))
        for manifest in rendered.manifests where manifest.object.kind.hasSuffix("Role") {
            for rule in manifest.object.json["rules"]?.array ?? [] {
                #expect(listed.contains(rule), "\(manifest.reference)")
            }
        }
    }

    @Test func settingsAddRules() throws {
        let rendered = try render {
            $0.hub = "docker.io/istio"
            $0.values = [
                "global": ["pilotCertProvider": "k8s.io/a.example/b", "certSigners": ["a.example/b"]],
                "pilot": ["taint": ["enabled": true, "namespace": "kube-system"]],
            ]
        }
        let granted = try rules(rendered, "ClusterRole", "istiod-clusterrole-istio-system")
        #expect(granted.contains { $0["resources"] == ["nodes"] && $0["verbs"] == ["patch"] })
        #expect(granted.contains { $0["resources"] == ["signers"] && $0["resourceNames"] == ["a.example/b"] })
        let container = try rendered.object("Deployment", "istiod")["spec", "template", "spec", "containers"]?
            .array?.first
        #expect(container?["args"]?.array?.contains("--cniNamespace=kube-system") == true)
        let untaint: JSONValue = ["name": "PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS", "value": "true"]
        #expect(container?["env"]?.array?.contains(untaint) == true)
    }

    /// Who may approve requests may make himself anybody: it is granted where signers of Kubernetes sign for workloads,
    /// and for those that are named alone.
    @Test(
        arguments: [
            (["K8S_SIGNER": "a.example/b"], [], ["a.example/b"]),
            (["CERT_SIGNER_DOMAIN": "a.example"], [], ["a.example/*"]),
            (
                ["CERT_SIGNER_DOMAIN": "a.example", "K8S_SIGNER": "a.example/b"], ["a.example/b", "a.example/c"],
                ["a.example/b", "a.example/c"]
            ),
        ] as [([String: JSONValue], [JSONValue], [JSONValue])])
    func signersAreApprovedForByName(
        _ environment: [String: JSONValue], _ named: [JSONValue], _ expected: [JSONValue]
    ) throws {
        func signing(_ external: String) throws -> [JSONValue] {
            let rendered = try render {
                $0.values = [
                    "apus": ["rbac": "derived"], "global": ["certSigners": .array(named)],
                    "pilot": ["env": .object(environment.merging(["EXTERNAL_CA": .string(external)]) { $1 })],
                ]
            }
            return try rules(rendered, "ClusterRole", "istiod-clusterrole-istio-system").filter {
                $0["apiGroups"] == ["certificates.k8s.io"]
            }
        }
        #expect(try signing("") == [])
        let granted = try signing("ISTIOD_RA_KUBERNETES_API")
        #expect(granted.count == 3)
        #expect(granted.first { $0["resources"] == ["signers"] }?["resourceNames"] == .array(expected))
    }

    @Test func aSignerHasToBeNamed() {
        let values: JSONValue = [
            "apus": ["rbac": "derived"], "pilot": ["env": ["EXTERNAL_CA": "ISTIOD_RA_KUBERNETES_API"]],
        ]
        let error = #expect(throws: RenderError.self) { try render { $0.values = values } }
        #expect(error?.diagnostics.contains { $0.message.contains("K8S_SIGNER") } == true)
    }

    /// Every binding names a role that is rendered, and an account that is.
    @Test func bindingsLeadSomewhere() throws {
        for rendered in try [render(), renderFile { $0.revision = "canary" }] {
            for manifest in rendered.manifests where manifest.object.kind.hasSuffix("RoleBinding") {
                let role = manifest.object.json["roleRef"]
                #expect(rendered.has(role?["kind"]?.string ?? "", role?["name"]?.string ?? ""))
                let account = manifest.object.json["subjects"]?.array?.first
                #expect(rendered.has("ServiceAccount", account?["name"]?.string ?? ""))
            }
        }
    }
}

@Suite struct FileTests {
    @Test func filesHoldNoNamespaceAndNoGate() throws {
        let rendered = try renderFile()
        #expect(!rendered.manifests.contains { $0.object.kind == "Namespace" || $0.gate != nil })
    }

    /// Nobody waits for the server, so nothing may be refused before it answers, unless its certificate is known.
    @Test func theValidatorOfAFileRefusesNothingYet() throws {
        func policy(_ values: JSONValue) throws -> JSONValue? {
            try renderFile { $0.values = values }.object(
                "ValidatingWebhookConfiguration", "istio-validator-istio-system")["webhooks"]?
                .array?.first?["failurePolicy"]
        }
        #expect(try policy([:]) == "Ignore")
        #expect(try policy(["base": ["validationCABundle": "Zm9v"]]) == "Fail")
    }

    /// Istio's control plane and tools look for the built-in templates; this build's installs have no use for them.
    @Test func templatesStandWhereIstiosImageMayReadThem() throws {
        func templates(_ rendered: RenderedManifests) throws -> [String: JSONValue] {
            let data = try rendered.object("ConfigMap", "istio-sidecar-injector")["data", "config"]?.string ?? ""
            return try JSONValue.documents(yaml: data).first?["templates"]?.object ?? [:]
        }
        #expect(try templates(render()).isEmpty)
        #expect(try templates(renderFile()).keys.contains("kube-gateway"))
        let own = try templates(
            renderFile { $0.values = ["sidecarInjectorWebhook": ["templates": ["sidecar": "metadata: {}"]]] })
        #expect(own["sidecar"] == "metadata: {}")
    }

    /// What Istio's control plane would look for in vain is said.
    @Test func missingTemplatesAreTold() throws {
        func warnings(_ templates: JSONValue) throws -> [Diagnostic] {
            try render {
                $0.hub = "docker.io/istio"
                $0.values = ["sidecarInjectorWebhook": ["templates": templates]]
            }.warnings
        }
        let warned = try #require(warnings(["waypoint": "kind: Service"]).first)
        #expect(warned.path == "spec.values.sidecarInjectorWebhook.templates")
        #expect(warned.message.contains("kube-gateway"))
        #expect(!warned.message.contains("for waypoint, "))
        #expect(!warned.message.contains(", waypoint,"))
        #expect(try render().warnings.isEmpty)
    }

    @Test(arguments: ["cluster", "namespace"])
    func scopesHoldOneHalf(_ scope: String) throws {
        let all = try renderFile().manifests.map(\.reference)
        let half = try renderFile { $0.values = ["global": ["resourceScope": .string(scope)]] }.manifests
            .map(\.reference)
        #expect(!half.isEmpty)
        #expect(half == all.filter { $0.key.namespace.isEmpty == (scope == "cluster") })
    }
}

@Suite struct BaseTests {
    private func kinds(_ rendered: RenderedManifests) -> [String] {
        rendered.manifests.filter { $0.object.kind == "CustomResourceDefinition" }.map(\.object.name)
    }

    @Test func definesTheKindsOfTheMesh() throws {
        let rendered = try renderFile()
        #expect(kinds(rendered).sorted() == CustomResource.configuration.map { "\($0.plural).\($0.group)" }.sorted())
        #expect(!kinds(rendered).contains("istiooperators.install.istio.io"))
        #expect(rendered.manifests.prefix(kinds(rendered).count).allSatisfy { $0.isShared && $0.component == .base })
        for manifest in rendered.manifests where manifest.object.kind == "CustomResourceDefinition" {
            #expect(manifest.object.labels["install.operator.istio.io/owning-resource-not-pruned"] == "true")
        }
    }

    @Test func definitionsCanBeLeftOut() throws {
        #expect(try kinds(render { $0.values = ["base": ["enableIstioConfigCRDs": false]] }).isEmpty)
        let excluding = try render {
            $0.values = ["base": ["excludedCRDs": ["gateways.networking.istio.io", "gatways.networking.istio.io"]]]
        }
        #expect(kinds(excluding).count == CustomResource.configuration.count - 1)
        #expect(!kinds(excluding).contains("gateways.networking.istio.io"))
        #expect(excluding.warnings.map(\.path) == ["spec.values.base.excludedCRDs[1]"])
        #expect(excluding.warnings.first?.message.contains("did you mean gateways.networking.istio.io?") == true)
    }

    @Test func theDefaultRevisionChecksWhatNamesNone() throws {
        let rendered = try render {
            $0.revision = "canary"
            $0.values = ["defaultRevision": "canary"]
        }
        let webhook = try rendered.object("ValidatingWebhookConfiguration", "istiod-default-validator")["webhooks"]?
            .array?.first
        #expect(webhook?["clientConfig", "service", "name"] == "istiod-canary")
        #expect(webhook?["failurePolicy"] == "Fail")
        let gate = rendered.manifests.first { $0.object.name == "istiod-default-validator" }?.gate
        #expect(gate == .webhookServer)

        let other = try render { $0.values = ["defaultRevision": "canary"] }
        let waiting = try other.object("ValidatingWebhookConfiguration", "istiod-default-validator")
        #expect(waiting["webhooks"]?.array?.first?["failurePolicy"] == "Ignore")
        #expect(try !render().has("ValidatingWebhookConfiguration", "istiod-default-validator"))
    }
}

@Suite struct RevisionTagTests {
    @Test func tagsGetWebhooksAndAService() throws {
        let rendered = try render {
            $0.revision = "canary"
            $0.values = ["revisionTags": ["prod", "default"]]
        }
        let prod = try rendered.object("MutatingWebhookConfiguration", "istio-revision-tag-prod")
        #expect(prod["webhooks"]?.array?.count == 2)
        #expect(prod["metadata", "labels", "istio.io/tag"] == "prod")
        let usual = try rendered.object("MutatingWebhookConfiguration", "istio-revision-tag-default")
        #expect(usual["webhooks"]?.array?.count == 4)
        #expect(usual["webhooks"]?.array?.first?["clientConfig", "service", "name"] == "istiod-canary")
        let service = try rendered.object("Service", "istiod-revision-tag-prod")
        #expect(service["spec", "selector"] == ["app": "istiod", "istio.io/rev": "canary"])
    }

    @Test func tagsDifferFromTheRevisionAndEachOther() throws {
        let error = try #require(throws: RenderError.self) {
            try render { $0.values = ["revisionTags": ["default", "a", "a", ""]] }
        }
        #expect(
            error.diagnostics.map(\.path) == [
                "spec.values.revisionTags[0]", "spec.values.revisionTags[2]", "spec.values.revisionTags[3]",
            ])
    }
}

@Suite struct RemoteControlPlaneTests {
    private func remote(_ address: String, kubernetes minor: Int = 33) throws -> RenderedManifests {
        try render(kubernetes: minor) {
            $0.profile = "remote"
            $0.values = ["global": ["remotePilotAddress": .string(address)]]
        }
    }

    @Test(arguments: [("10.1.2.3", "IPv4"), ("2001:db8::1", "IPv6")])
    func addressesStandBehindTheService(_ address: String, _ family: String) throws {
        let rendered = try remote(address)
        let slice = try rendered.object("EndpointSlice", "istiod")
        #expect(slice["addressType"] == .string(family))
        #expect(slice["endpoints"]?.array?.first?["addresses"] == [.string(address)])
        #expect(slice["metadata", "labels", "kubernetes.io/service-name"] == "istiod")
        #expect(try rendered.object("Service", "istiod")["spec", "type"] == nil)
        #expect(!rendered.has("Deployment", "istiod"))
    }

    /// Four numbers that are no address are a host name.
    @Test(arguments: ["pilot.example.com", "1.2.3.400", "1.2.3"])
    func hostNamesAreExternalNames(_ host: String) throws {
        let rendered = try remote(host)
        let service = try rendered.object("Service", "istiod")["spec"]
        #expect(service?["type"] == "ExternalName")
        #expect(service?["externalName"] == .string(host))
        #expect(!rendered.manifests.contains { $0.object.kind == "EndpointSlice" })
    }

    @Test(arguments: 19...24)
    func slicesComeInTheServedVersion(_ minor: Int) throws {
        let slice = try remote("10.1.2.3", kubernetes: minor).object("EndpointSlice", "istiod")
        #expect(slice["apiVersion"] == .string(minor >= 21 ? "discovery.k8s.io/v1" : "discovery.k8s.io/v1beta1"))
    }

    /// The server is elsewhere: nothing here can tell when it answers.
    @Test func webhooksOfARemoteControlPlaneAreNotAwaited() throws {
        let rendered = try remote("10.1.2.3")
        #expect(rendered.has("MutatingWebhookConfiguration", "istio-sidecar-injector"))
        #expect(rendered.manifests.allSatisfy { $0.gate == nil })
    }

    @Test func anInjectorHereGetsTheRestFromThere() throws {
        let rendered = try render {
            $0.profile = "remote"
            $0.revision = "canary"
            $0.values = [
                "global": ["remotePilotAddress": "10.1.2.3", "omitSidecarInjectorConfigMap": false],
                "istiodRemote": ["enabledLocalInjectorIstiod": true],
            ]
        }
        #expect(rendered.has("Deployment", "istiod-canary"))
        #expect(rendered.has("Service", "istiod-canary"))
        #expect(rendered.has("EndpointSlice", "istiod-canary-remote"))
        let mesh = try rendered.object("ConfigMap", "istio-canary")["data", "mesh"]?.string ?? ""
        #expect(mesh.contains("discoveryAddress: istiod-canary-remote.istio-system.svc:15012"))
    }

    @Test func anAddressWithoutRemoteControlPlaneIsDoubtful() throws {
        let rendered = try render { $0.values = ["global": ["remotePilotAddress": "10.1.2.3"]] }
        #expect(rendered.warnings.map(\.path) == ["spec.values.global.remotePilotAddress"])
    }
}

@Suite struct MeshDefaultsTests {
    private func mesh(_ values: JSONValue) throws -> JSONValue {
        let text = try render { $0.values = values }.object("ConfigMap", "istio")["data", "mesh"]?.string ?? ""
        return try #require(try JSONValue.documents(yaml: text).first)
    }

    @Test func telemetryNamesTheProviders() throws {
        #expect(try mesh([:])["defaultProviders"] == ["metrics": ["prometheus"]])
        #expect(try mesh(["telemetry": ["enabled": false]])["defaultProviders"] == nil)
        #expect(
            try mesh(["telemetry": ["v2": ["stackdriver": ["enabled": true]]]])["defaultProviders"]
                == ["metrics": ["prometheus", "stackdriver"], "accessLogging": ["stackdriver"]])
        #expect(
            try mesh(["meshConfig": ["defaultProviders": ["tracing": ["otel"]]]])["defaultProviders"]
                == ["tracing": ["otel"]])
    }

    /// Istio's programs refuse a mesh configuration in which one of them is no text.
    @Test func variablesOfProxiesAreTexts() throws {
        let variables: JSONValue = ["A": true, "B": 5, "C": "c"]
        #expect(
            try mesh(["meshConfig": ["defaultConfig": ["proxyMetadata": variables]]])["defaultConfig", "proxyMetadata"]
                == ["A": "true", "B": "5", "C": "c"])
    }

    @Test func tracersGetTheirUsualAddress() throws {
        #expect(try mesh([:])["defaultConfig", "tracing"] == nil)
        #expect(
            try mesh(["global": ["proxy": ["tracer": "zipkin"]]])["defaultConfig", "tracing"]
                == ["zipkin": ["address": "zipkin.istio-system:9411"]])
    }
}

@Suite struct StablePolicyTests {
    /// Kubernetes has such policies from 1.30 on.
    @Test(arguments: [(29, false), (30, true)])
    func standsWhereTheClusterHasIt(_ minor: Int, _ expected: Bool) throws {
        let rendered = try render(kubernetes: minor) { $0.profile = "stable" }
        #expect(
            rendered.has("ValidatingAdmissionPolicy", "stable-channel-policy-istio-system.istio.io") == expected)
        #expect(rendered.warnings.isEmpty == expected)
    }

    @Test func theBindingNamesItsPolicy() throws {
        let rendered = try render {
            $0.profile = "stable"
            $0.revision = "canary"
            $0.values = ["defaultRevision": "canary"]
        }
        let bindings = rendered.manifests.filter { $0.object.kind == "ValidatingAdmissionPolicyBinding" }
        #expect(bindings.count == 2)
        for binding in bindings {
            let policy = binding.object.json["spec", "policyName"]?.string ?? ""
            #expect(rendered.has("ValidatingAdmissionPolicy", policy))
        }
    }
}
