package import KubernetesModel
package import ManifestRenderer

/// What one IstioOperator wants to own.
package struct Claim: Hashable, Sendable {
    package var owner: ObjectKey
    /// RFC 3339: the older claim wins.
    package var created: String
    package var revision: String
    /// Whether it installs a control plane.
    package var hasControlPlane: Bool
    package var objects: Set<ObjectReference>

    package init(owner: ObjectKey, created: String, rendered: RenderedManifests) {
        self.owner = owner
        self.created = created
        revision = rendered.revision
        hasControlPlane = rendered.enabledComponents.contains(.pilot)
        objects = Set(rendered.manifests.filter { !$0.isShared }.map(\.reference))
            .filter { $0.groupKind != APIResource.namespaces.groupKind }
    }

    /// Whether this one was there first; ties by name.
    package func isOlder(than other: Claim) -> Bool { (created, owner) < (other.created, other.owner) }

    /// Why this claim must wait for others' to go. Possession comes before age: what is installed stays untouched.
    ///
    /// - Parameters:
    ///   - others: The other IstioOperators' claims.
    ///   - owned: What is installed, and whose it is.
    package func conflicts(with others: [Claim], owned: [OwnedObject]) -> [Diagnostic] {
        let rivals = others.filter { $0.owner != owner }.sorted { $0.owner < $1.owner }
        let me = Owner(owner)
        let holders = Dictionary(owned.map { ($0.reference, $0.owner) }, uniquingKeysWith: { first, _ in first })
        return rivals.compactMap { rival in
            if hasControlPlane, rival.hasControlPlane, rival.revision == revision, yields(to: rival, owned: owned) {
                return Diagnostic(
                    path: "spec.revision",
                    message: "revision \"\(revision)\" is already installed by IstioOperator \(rival.owner); "
                        + "give one of the two another revision, or delete it")
            }
            let lost = objects.filter { object in
                let holder = holders[object] ?? nil
                if holder == me { return false }
                if holder == Owner(rival.owner) { return true }
                return rival.objects.contains(object) && rival.isOlder(than: self)
            }
            return lost.min().map { object in
                Diagnostic(
                    path: "spec",
                    message: "it would replace \(object), which IstioOperator \(rival.owner) installs; "
                        + "rename it here, or remove it there")
            }
        }
    }

    private func yields(to rival: Claim, owned: [OwnedObject]) -> Bool {
        let controlPlane = owned.filter { $0.component == Component.pilot.rawValue && $0.revision == revision }
        let holders = Set(controlPlane.map(\.owner))
        if holders.contains(Owner(rival.owner)) { return true }
        return !holders.contains(Owner(owner)) && rival.isOlder(than: self)
    }
}
