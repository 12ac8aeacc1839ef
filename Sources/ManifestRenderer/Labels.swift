internal import KubernetesModel

/// The labels that say whose an object is, which prune and drift repair go by.
enum OwnerLabel {
    static let managed = "operator.istio.io/managed"
    static let component = "operator.istio.io/component"
    static let version = "operator.istio.io/version"
    static let owner = "install.operator.istio.io/owning-resource"
    static let ownerNamespace = "install.operator.istio.io/owning-resource-namespace"
    static let notPruned = "install.operator.istio.io/owning-resource-not-pruned"
    static let revision = "istio.io/rev"
    /// Stands in the place of an owner's name on objects that several installs share, without a namespace beside it.
    static let shared = "shared"
}

extension Install {
    /// The labels of every object of this install.
    ///
    /// Shared objects name no owner and no revision: two installs would fight over them, and on a namespace
    /// `istio.io/rev` means that its Pods get sidecars.
    func ownerLabels(of component: Component, isShared: Bool) -> [String: String] {
        var labels: [String: String] = [
            OwnerLabel.managed: "Reconcile",
            OwnerLabel.component: isShared ? Component.base.rawValue : component.rawValue,
            OwnerLabel.version: apusVersion,
            "app.kubernetes.io/instance": "istio",
            "app.kubernetes.io/managed-by": "apus-operator",
            "app.kubernetes.io/part-of": "istio",
            "app.kubernetes.io/version": apusVersion,
        ]
        if isShared {
            labels[OwnerLabel.owner] = OwnerLabel.shared
        } else {
            labels[OwnerLabel.owner] = labelValue(for: owner.name)
            labels[OwnerLabel.ownerNamespace] = labelValue(for: owner.namespace)
            labels[OwnerLabel.revision] = revisionLabel
        }
        return labels
    }

    /// The labels that Pods take over from their install.
    ///
    /// Neither version nor owner are among them: Pods whose image stays the same must not restart for a new operator,
    /// nor because their IstioOperator gets another name.
    func podOwnerLabels(of component: Component) -> [String: String] {
        [
            OwnerLabel.component: component.rawValue,
            OwnerLabel.revision: revisionLabel,
            "app.kubernetes.io/instance": "istio",
            "app.kubernetes.io/managed-by": "apus-operator",
            "app.kubernetes.io/part-of": "istio",
        ]
    }

    /// `manifest` with its owner labels, whatever it or an overlay said in their place.
    func stamped(_ manifest: Manifest) -> Manifest {
        var manifest = manifest
        manifest.label(ownerLabels(of: manifest.component, isShared: manifest.isShared))
        return manifest
    }
}

/// A name as a label's value, which may have 63 characters only: a longer one is cut and ends with a hash of all of it.
package func labelValue(for name: String) -> String {
    guard name.utf8.count > 63 else { return name }
    var hash: UInt32 = 2_166_136_261  // FNV-1a
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return name.prefix(54) + "-" + String(repeating: "0", count: 8 - digits.count) + digits
}
