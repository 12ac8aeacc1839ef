import KubernetesModel
import ManifestRenderer
import OperatorControllers
import Testing

@Suite struct InstallPlanTests {
    private let mesh = ObjectKey(namespace: "ns", name: "mesh")
    private let other = ObjectKey(namespace: "ns", name: "other")

    @Test func componentsFollowEachOther() throws {
        let plan = InstallPlan(try rendered(["profile": "default"]), owner: mesh, owned: [])
        #expect(plan.waves.map(\.components) == [[.base], [.pilot], [.ingressGateways]])
        for wave in plan.waves {
            #expect(wave.manifests.allSatisfy { wave.components.contains($0.component) })
        }
        let all = try rendered(["profile": "default"]).manifests
        #expect(plan.waves.flatMap(\.manifests).count == all.count)
    }

    @Test func thereIsNoWaveForNothing() throws {
        #expect(InstallPlan(try rendered(["profile": "empty"]), owner: mesh, owned: []).waves.isEmpty)
        let minimal = InstallPlan(try rendered(["profile": "minimal"]), owner: mesh, owned: [])
        #expect(minimal.waves.map(\.components) == [[.base], [.pilot]])
    }

    /// What an object needs is there before it: its namespace, its account and configuration, its Deployment.
    @Test func stepsBringFirstWhatOthersNeed() throws {
        let plan = InstallPlan(try rendered(["profile": "default"]), owner: mesh, owned: [])
        let rank = [
            "Namespace": 0, "CustomResourceDefinition": 1, "RoleBinding": 3, "ClusterRoleBinding": 3, "Deployment": 4,
            "HorizontalPodAutoscaler": 5, "PodDisruptionBudget": 5,
        ]
        for wave in plan.waves {
            let ranks = wave.steps.map { step in Set(step.map { rank[$0.object.kind] ?? 2 }) }
            #expect(ranks.allSatisfy { $0.count == 1 })
            #expect(ranks.flatMap { $0 } == ranks.flatMap { $0 }.sorted())
            #expect(Set(wave.steps.flatMap { $0 }) == Set(wave.manifests))
        }
    }

    @Test func prunesWhatIsNoLongerDesired() throws {
        let minimal = try rendered(["profile": "minimal"])
        let before = try rendered(["profile": "default"])
        let installed = before.manifests.map { owned($0.reference, by: $0.isShared ? nil : mesh) }
        let plan = InstallPlan(minimal, owner: mesh, owned: installed)
        let gone = Set(before.manifests.map(\.reference)).subtracting(minimal.manifests.map(\.reference))
        #expect(!gone.isEmpty && Set(plan.prune.map(\.reference)) == gone)
        #expect(plan.prune.map(\.reference) == gone.sorted())
        #expect(InstallPlan(before, owner: mesh, owned: installed).prune.isEmpty)
    }

    @Test func prunesNothingThatIsNotItsOwn() throws {
        let installed = [
            owned(.configMap("others"), by: other), owned(.configMap("shared"), by: nil),
            owned(.definition("things.example.com"), by: mesh), owned(.namespace("old"), by: mesh),
            owned(.configMap("going"), by: mesh, isBeingDeleted: true), owned(.configMap("mine"), by: mesh),
        ]
        let plan = InstallPlan(try rendered(["profile": "minimal"]), owner: mesh, owned: installed)
        #expect(plan.prune.map(\.reference) == [.configMap("mine")])
    }

    /// Labels hold 63 characters; objects of IstioOperators with longer names are found all the same.
    @Test func ownersWithLongNamesKeepTheirObjects() throws {
        let long = ObjectKey(namespace: "ns", name: String(repeating: "a", count: 70))
        let alike = ObjectKey(namespace: "ns", name: String(repeating: "a", count: 71))
        let manifests = try rendered(["profile": "minimal"], owner: long)
        let installed = manifests.manifests.map { OwnedObject($0.object) }
        let nothing = try rendered(["profile": "empty"], owner: long)
        let own = manifests.manifests.filter { !$0.isShared }
        #expect(InstallPlan(nothing, owner: long, owned: installed).prune.count == own.count)
        #expect(InstallPlan(nothing, owner: alike, owned: installed).prune.isEmpty)
    }
}
