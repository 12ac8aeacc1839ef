import ControlPlane
import FoundationEssentials
import InstallationValues
import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

@testable import OperatorControllers

/// What is granted equals what is needed.
@Suite struct AccessTests {
    @Test func theControlPlaneIsGrantedWhatItNeeds() {
        let granted = controlPlaneAccess()
        #expect(Set(granted.cluster) == Set(ControlPlaneAccess.clusterRules))
        #expect(Set(granted.namespace) == Set(ControlPlaneAccess.namespaceRules))
        let signers = ["a.example/b"]
        #expect(certificateSigningAccess(signers: signers) == ControlPlaneAccess.signingRules(signers: signers))
        for isControlled in [false, true] {
            for revision in ["", "canary"] {
                let rules = ControlPlaneAccess.readerRules(isControlled: isControlled, revision: revision)
                #expect(Set(readerAccess(isControlled: isControlled, revision: revision)) == Set(rules))
            }
        }
    }

    /// Every kind that can be rendered may be created, changed and watched; pruned, unless it is kept.
    @Test(arguments: renderedResources())
    func everyRenderedKindIsGranted(_ resource: APIResource) {
        let needed = ["create", "get", "list", "patch", "watch"]
        let isKept = InstallPlan.isKept(resource.groupKind)
        for verb in isKept ? needed : needed + ["delete"] {
            #expect(grants(verb, resource.group, resource.plural), "\(verb) \(resource)")
        }
        if isKept { #expect(!grants("delete", resource.group, resource.plural)) }
    }

    @Test func nothingIsRenderedThatIsNotListed() throws {
        let listed = Set(renderedResources().map(\.groupVersionKind))
        for profile in Profile.allCases {
            let images: JSONValue = ["hub": "docker.io/istio", "tag": "latest"]
            let manifests = try rendered(images.merging(["profile": .string(profile.rawValue)])).manifests
            #expect(Set(manifests.map(\.object.groupVersionKind)).isSubset(of: listed))
        }
    }

    /// Kubernetes lets nobody grant what he does not hold.
    @Test func theOperatorHoldsWhatItGrants() throws {
        let roles = try rendered(["profile": "default"]).manifests
            .filter { ["ClusterRole", "Role"].contains($0.object.kind) }
        var count = 0
        for rule in roles.flatMap({ $0.object.json["rules"]?.array ?? [] }) {
            for group in strings(rule["apiGroups"]) {
                for resource in strings(rule["resources"]) {
                    for verb in strings(rule["verbs"]) {
                        let names = strings(rule["resourceNames"])
                        count += 1
                        #expect(
                            names.isEmpty
                                ? grants(verb, group, resource)
                                : names.allSatisfy { grants(verb, group, resource, named: $0) },
                            "\(verb) \(group)/\(resource) \(names)")
                    }
                }
            }
        }
        #expect(count > 10)
    }

    /// Istio's own roles need rights that the operator has only where they are added.
    @Test func istiosImagesTakeRightsOfTheirOwn() {
        let added = OperatorAccess.istioImagesRules
        #expect(added.contains { $0.resources.contains("certificatesigningrequests") && $0.verbs.contains("create") })
        #expect(Set(added).isDisjoint(with: OperatorAccess.clusterRules))
        #expect(!grants("create", "certificates.k8s.io", "certificatesigningrequests"))
    }

    @Test func nothingIsGrantedWholesale() {
        for rule in OperatorAccess.clusterRules + OperatorAccess.namespaceRules {
            #expect(!rule.apiGroups.contains("*") && !rule.resources.contains("*") && !rule.verbs.contains("*"))
            #expect(!rule.verbs.contains { ["escalate", "bind", "impersonate", "deletecollection"].contains($0) })
        }
        #expect(!grants("delete", "", "secrets"))
        #expect(!grants("delete", "", "namespaces"))
        #expect(!grants("patch", "", "secrets"))
    }

    /// An uninstall removes the control plane's Leases, and may remove nobody else's.
    @Test func leasesAreDeletedByName() {
        for verb in ["delete", "list", "watch", "patch"] {
            #expect(!grants(verb, "coordination.k8s.io", "leases"), "\(verb)")
        }
        for name in Uninstallation.leases {
            #expect(grants("delete", "coordination.k8s.io", "leases", named: name), "\(name)")
        }
        #expect(!grants("delete", "coordination.k8s.io", "leases", named: "kube-scheduler"))
    }

    /// What converged is asked of control planes, nothing else below /debug.
    @Test func theOperatorSeesWhatProxiesHaveAcknowledged() throws {
        let paths = OperatorAccess.clusterRules.filter { !$0.nonResourceURLs.isEmpty }
        #expect(paths == [AccessRule(nonResourceURLs: ["/debug/syncz"], verbs: ["get"])])
        #expect(paths.map(\.json) == [["nonResourceURLs": ["/debug/syncz"], "verbs": ["get"]]])
        let role = try #require(OperatorManifests.access.first { $0["kind"]?.string == "ClusterRole" })
        let granted = role["rules"]?.array ?? []
        #expect(granted.contains(paths[0].json))
    }

    // MARK: merging rules

    @Test func pathsAreMergedByVerbs() {
        let rules = [
            AccessRule(nonResourceURLs: ["/b"], verbs: ["get"]),
            AccessRule(apiGroups: [""], resources: ["a"], verbs: ["get"]),
            AccessRule(nonResourceURLs: ["/c", "/a"], verbs: ["get"]),
            AccessRule(nonResourceURLs: ["/c"], verbs: ["post"]),
        ]
        #expect(
            OperatorAccess.merged(rules) == [
                AccessRule(apiGroups: [""], resources: ["a"], verbs: ["get"]),
                AccessRule(nonResourceURLs: ["/a", "/b"], verbs: ["get"]),
                AccessRule(nonResourceURLs: ["/c"], verbs: ["get", "post"]),
            ])
    }

    @Test func equalVerbsShareARule() {
        let rules = [
            AccessRule(apiGroups: [""], resources: ["b"], verbs: ["get"]),
            AccessRule(apiGroups: [""], resources: ["a"], verbs: ["list", "get"]),
            AccessRule(apiGroups: [""], resources: ["b"], verbs: ["list"]),
            AccessRule(apiGroups: ["x", "y"], resources: ["c"], verbs: ["get"]),
        ]
        #expect(
            OperatorAccess.merged(rules) == [
                AccessRule(apiGroups: [""], resources: ["a", "b"], verbs: ["get", "list"]),
                AccessRule(apiGroups: ["x"], resources: ["c"], verbs: ["get"]),
                AccessRule(apiGroups: ["y"], resources: ["c"], verbs: ["get"]),
            ])
    }

    @Test func aRuleForSomeNamesSaysOnlyWhatTheOneForAllDoesNot() {
        let rules = [
            AccessRule(apiGroups: [""], resources: ["a"], verbs: ["get", "list"]),
            AccessRule(apiGroups: [""], resources: ["a"], resourceNames: ["one"], verbs: ["get"]),
            AccessRule(apiGroups: [""], resources: ["a"], resourceNames: ["two"], verbs: ["get", "delete"]),
        ]
        #expect(
            Set(OperatorAccess.merged(rules)) == [
                AccessRule(apiGroups: [""], resources: ["a"], verbs: ["get", "list"]),
                AccessRule(apiGroups: [""], resources: ["a"], resourceNames: ["two"], verbs: ["delete"]),
            ])
    }

    /// However the rules come, the file is the same.
    @Test func theOrderOfRulesDoesNotShow() {
        let rules = OperatorAccess.clusterRules
        for _ in 0..<20 { #expect(OperatorAccess.merged(rules.shuffled()) == rules) }
    }

    private func grants(_ verb: String, _ group: String, _ resource: String, named name: String? = nil) -> Bool {
        OperatorAccess.clusterRules.contains { rule in
            rule.apiGroups.contains(group) && rule.resources.contains(resource) && rule.verbs.contains(verb)
                && (rule.resourceNames.isEmpty || name.map(rule.resourceNames.contains) == true)
        }
    }

    private func strings(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }
}

/// The files that people apply are what the programs say.
@Suite struct GeneratedFileTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func documents(_ path: String) throws -> [JSONValue] {
        try JSONValue.documents(yaml: try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8))
    }

    @Test func accessIsCurrent() throws {
        #expect(try documents("Manifests/Kustomize/rbac/rbac.yaml") == OperatorManifests.access)
    }

    @Test func workloadIsCurrent() throws {
        #expect(try documents("Manifests/Kustomize/operator/operator.yaml") == OperatorManifests.workload)
    }

    @Test func definitionIsCurrent() throws {
        #expect(
            try documents("CRDs/install.istio.io_istiooperators.yaml") == [CustomResource.istioOperator.definition])
    }
}
