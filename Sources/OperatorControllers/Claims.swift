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

    /// The claim of an IstioOperator that cannot be rendered, or that is being deleted: what it has, until it is gone.
    package init(holding owned: [OwnedObject], for owner: ObjectKey, created: String) {
        let held = owned.filter { $0.owner == Owner(owner) }
        let controlPlane = held.first { $0.component == Component.pilot.rawValue && !$0.revision.isEmpty }
        self.owner = owner
        self.created = created
        revision = controlPlane?.revision ?? ""
        hasControlPlane = controlPlane != nil
        objects = Set(held.map(\.reference)).filter { $0.groupKind != APIResource.namespaces.groupKind }
    }

    /// Whether this one was there first; ties by name.
    package func isOlder(than other: Claim) -> Bool { (created, owner) < (other.created, other.owner) }

    /// Why this claim must wait for others' to go. Possession comes before age: what is installed stays untouched.
    ///
    /// - Parameters:
    ///   - others: The other IstioOperators' claims.
    ///   - owned: What is installed, and whose it is.
    package func conflicts(with others: [Claim], owned: [OwnedObject]) -> [Diagnostic] {
        let holders = Dictionary(owned.map { ($0.reference, $0.owner) }, uniquingKeysWith: { first, _ in first })
        let rivals = others.filter { $0.owner != owner }.sorted { $0.owner < $1.owner }
        return rivals.compactMap { rival in
            let yields = yields(to: rival, owned: owned)
            if yields, isSameControlPlane(as: rival) {
                return Diagnostic(
                    path: "spec.revision",
                    message: "revision \"\(revision)\" is already installed by IstioOperator \(rival.owner); "
                        + "give one of the two another revision, or delete it")
            }
            let lost = objects.filter { object in
                let holder = holders[object] ?? nil
                if holder == Owner(owner) { return false }
                return holder == Owner(rival.owner) || (yields && rival.objects.contains(object))
            }
            return lost.min().map { object in
                Diagnostic(
                    path: "spec",
                    message: "it would replace \(object), which IstioOperator \(rival.owner) installs; "
                        + "rename it here, or remove it there")
            }
        }
    }

    private func isSameControlPlane(as rival: Claim) -> Bool {
        hasControlPlane && rival.hasControlPlane && rival.revision == revision
    }

    /// Whether what both want and neither has yet is the rival's: who has a part of it is to have the rest.
    private func yields(to rival: Claim, owned: [OwnedObject]) -> Bool {
        let contested = objects.intersection(rival.objects)
        let isSameControlPlane = isSameControlPlane(as: rival)
        let holders = Set(
            owned.filter { object in
                contested.contains(object.reference)
                    || (isSameControlPlane && object.component == Component.pilot.rawValue
                        && object.revision == revision)
            }.map(\.owner))
        let isHeld = holders.contains(Owner(owner))
        let isHeldByRival = holders.contains(Owner(rival.owner))
        return isHeld == isHeldByRival ? rival.isOlder(than: self) : isHeldByRival
    }
}
