import KubernetesModel
import ManifestRenderer
import OperatorControllers
import Testing

@Suite struct ClaimTests {
    private let old = "2026-01-01T00:00:00Z"
    private let new = "2026-01-02T00:00:00Z"

    private func claim(
        _ name: String, created: String, _ references: [ObjectReference] = [], revision: String = "default",
        withControlPlane: Bool = false
    ) -> Claim {
        Claim(
            owner: ObjectKey(namespace: "ns", name: name), created: created,
            rendered: install(references, revision: revision, withControlPlane: withControlPlane))
    }

    @Test func nothingInCommonIsNoConflict() {
        let a = claim("a", created: old, [.deployment("x")], revision: "one", withControlPlane: true)
        let b = claim("b", created: old, [.deployment("y")], revision: "two", withControlPlane: true)
        #expect(a.conflicts(with: [b], owned: []) == [])
        #expect(b.conflicts(with: [a], owned: []) == [])
    }

    @Test func noClaimIsInItsOwnWay() {
        let a = claim("a", created: old, [.deployment("x")], withControlPlane: true)
        #expect(a.conflicts(with: [a], owned: [owned(.deployment("x"), by: a.owner)]) == [])
    }

    @Test func theOlderWinsWhatNobodyHasYet() throws {
        let older = claim("z", created: old, [.deployment("x")])
        let younger = claim("a", created: new, [.deployment("x")])
        #expect(older.conflicts(with: [younger], owned: []) == [])
        let conflict = try #require(younger.conflicts(with: [older], owned: []).first)
        #expect(conflict.path == "spec")
        #expect(
            conflict.message == "it would replace Deployment istio-system/x, which IstioOperator ns/z installs; "
                + "rename it here, or remove it there")
    }

    @Test func ofEqualAgeTheNameDecides() {
        let a = claim("a", created: old, [.deployment("x")])
        let b = claim("b", created: old, [.deployment("x")])
        #expect(a.conflicts(with: [b], owned: []) == [])
        #expect(b.conflicts(with: [a], owned: []).count == 1)
    }

    @Test func possessionComesBeforeAge() {
        let older = claim("a", created: old, [.deployment("x")])
        let younger = claim("b", created: new, [.deployment("x")])
        let installed = [owned(.deployment("x"), by: younger.owner)]
        #expect(younger.conflicts(with: [older], owned: installed) == [])
        #expect(older.conflicts(with: [younger], owned: installed).count == 1)
    }

    /// What another one still has installed is in the way even if it does not ask for it any more.
    @Test func whatOthersHaveIsTheirsUntilItIsGone() {
        let a = claim("a", created: old, [.deployment("x")])
        let b = claim("b", created: new, [.deployment("y")])
        #expect(a.conflicts(with: [b], owned: [owned(.deployment("x"), by: b.owner)]).count == 1)
    }

    @Test func sharedObjectsAndNamespacesAreNobodysConflict() {
        var shared = Manifest(component: .base, object: object(.configMap("reader")))
        shared.isShared = true
        let namespace = Manifest(component: .base, object: object(.namespace("istio-system")))
        let manifests = RenderedManifests(
            manifests: [shared, namespace], istioNamespace: "istio-system", revision: "default",
            enabledComponents: [.base], warnings: [])
        let a = Claim(owner: ObjectKey(namespace: "ns", name: "a"), created: old, rendered: manifests)
        let b = Claim(owner: ObjectKey(namespace: "ns", name: "b"), created: new, rendered: manifests)
        #expect(a.objects.isEmpty)
        #expect(b.conflicts(with: [a], owned: [owned(.configMap("reader"), by: nil)]) == [])
    }

    @Test func oneControlPlaneARevision() throws {
        let older = claim("a", created: old, revision: "r", withControlPlane: true)
        let younger = claim("b", created: new, revision: "r", withControlPlane: true)
        let gateways = claim("c", created: new, revision: "r")
        #expect(older.conflicts(with: [younger, gateways], owned: []) == [])
        #expect(gateways.conflicts(with: [older, younger], owned: []) == [])
        let conflict = try #require(younger.conflicts(with: [older], owned: []).first)
        #expect(conflict.path == "spec.revision")
        #expect(conflict.message.hasPrefix("revision \"r\" is already installed by IstioOperator ns/a"))
        // The younger one was there first after all.
        let installed = [owned(.deployment("istiod-r"), by: younger.owner, revision: "r")]
        #expect(younger.conflicts(with: [older], owned: installed) == [])
        #expect(older.conflicts(with: [younger], owned: installed).map(\.path) == ["spec.revision"])
    }

    /// A spec that got broken, and an install that is being removed, keep what they have until it is gone.
    @Test func whatCannotBeRenderedHoldsWhatItHas() throws {
        let other = ObjectKey(namespace: "ns", name: "broken")
        let me = claim("me", created: old, [.deployment("istiod-r")], revision: "r", withControlPlane: true)
        let installed = [owned(.deployment("istiod-r"), by: other, revision: "r")]
        let held = Claim(holding: installed, for: other, created: new)
        #expect(me.conflicts(with: [held], owned: installed).map(\.path) == ["spec.revision"])
        #expect(held.conflicts(with: [me], owned: installed) == [])
        let gone = Claim(holding: [], for: other, created: old)
        #expect(me.conflicts(with: [gone], owned: []) == [])
    }

    /// Who has installed a part is to have the rest, although nobody has that yet.
    @Test func possessionOfAPartBringsTheRest() {
        let older = claim("a", created: old, [.deployment("x"), .configMap("y")])
        let younger = claim("b", created: new, [.deployment("x"), .configMap("y")])
        let installed = [owned(.deployment("x"), by: younger.owner)]
        #expect(younger.conflicts(with: [older], owned: installed) == [])
        #expect(older.conflicts(with: [younger], owned: installed).count == 1)
    }

    /// Who still has the control plane of another revision does not hold this one.
    @Test func possessionIsOfOneRevision() {
        let older = claim("a", created: old, revision: "new", withControlPlane: true)
        let younger = claim("b", created: new, revision: "new", withControlPlane: true)
        let installed = [
            owned(.deployment("istiod-old"), by: older.owner, revision: "old"),
            owned(.deployment("istiod-new"), by: younger.owner, revision: "new"),
        ]
        #expect(younger.conflicts(with: [older], owned: installed) == [])
        #expect(older.conflicts(with: [younger], owned: installed).count == 1)
    }

    @Test func everyRivalIsNamedOnce() {
        let me = claim("z", created: new, [.deployment("x"), .deployment("y"), .deployment("w")])
        let a = claim("a", created: old, [.deployment("x"), .deployment("y")])
        let b = claim("b", created: old, [.deployment("w")])
        let conflicts = me.conflicts(with: [b, a], owned: [])
        #expect(conflicts.map { $0.message.contains("ns/a") } == [true, false])
        #expect(conflicts.first?.message.contains("Deployment istio-system/x") == true)
    }

    /// Of any two that want the same, exactly one goes on: never both, never none.
    @Test func exactlyOneOfTwoGoesOn() {
        let both: [ObjectReference] = [.deployment("istiod"), .configMap("istio")]
        for (first, second) in [(old, old), (old, new), (new, old)] {
            for (hasFirst, hasSecond) in [(true, true), (true, false), (false, true), (false, false)] {
                let a = claim("a", created: first, both, withControlPlane: hasFirst)
                let b = claim("b", created: second, both, withControlPlane: hasSecond)
                let installations: [[OwnedObject]] = [
                    [], [owned(both[0], by: a.owner)], [owned(both[1], by: b.owner)],
                    both.map { owned($0, by: a.owner) }, [owned(.configMap("other"), by: b.owner)],
                    [owned(.deployment("istiod-old"), by: a.owner, revision: "old")],
                ]
                for installed in installations {
                    let verdicts = [a.conflicts(with: [b], owned: installed), b.conflicts(with: [a], owned: installed)]
                    #expect(verdicts.count { $0.isEmpty } == 1, "\(a) \(b) \(installed)")
                }
            }
        }
    }
}
