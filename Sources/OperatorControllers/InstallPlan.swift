package import KubernetesModel
package import ManifestRenderer

/// What an install has to do, decided from what is desired and what is there. Pure.
package struct InstallPlan: Hashable, Sendable {
    /// Desired objects by component, in the order in which components wait for each other.
    package var waves: [Wave]
    /// Objects of this owner that are no longer desired.
    package var prune: [OwnedObject]

    /// What is applied together before the next wave may start.
    package struct Wave: Hashable, Sendable {
        package var components: [Component]
        package var manifests: [Manifest]
    }

    /// - Parameters:
    ///   - rendered: What the spec asks for.
    ///   - owner: The IstioOperator that asks.
    ///   - owned: Everything that any IstioOperator owns.
    package init(_ rendered: RenderedManifests, owner: ObjectKey, owned: [OwnedObject]) {
        let order: [[Component]] = [
            [.base], [.istiodRemote, .cni, .pilot], [.ztunnel, .ingressGateways, .egressGateways],
        ]
        waves = order.compactMap { components in
            let manifests = rendered.manifests.filter { components.contains($0.component) }
            let enabled = components.filter { rendered.enabledComponents.contains($0) }
            return manifests.isEmpty ? nil : Wave(components: enabled, manifests: manifests)
        }
        let desired = Set(rendered.manifests.map(\.reference))
        prune = owned.filter { object in
            object.owner == Owner(owner) && !object.isBeingDeleted && !desired.contains(object.reference)
                && !InstallPlan.isKept(object.reference.groupKind)
        }.sorted { $0.reference < $1.reference }
    }

    /// Kinds that are never deleted: others' objects hang on them.
    package static func isKept(_ kind: GroupKind) -> Bool {
        kind == APIResource.customResourceDefinitions.groupKind || kind == APIResource.namespaces.groupKind
    }
}
