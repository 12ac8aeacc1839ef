package import KubernetesModel
import ManifestRenderer

/// Whose an installed object is, as its labels tell. The labels' names are Istio's.
package enum Owner: Hashable, Sendable {
    /// One IstioOperator; long names are shortened as in labels.
    case one(ObjectKey)
    /// Every install that needs the object.
    case shared

    private static let label = "install.operator.istio.io/owning-resource"
    private static let namespaceLabel = "install.operator.istio.io/owning-resource-namespace"
    private static let sharedName = "shared"

    /// The owner that the labels of an IstioOperator's objects name.
    package init(_ iop: ObjectKey) {
        self = .one(ObjectKey(namespace: labelValue(for: iop.namespace), name: labelValue(for: iop.name)))
    }

    /// Reads an object's labels; nil if nobody owns it.
    package init?(labels: [String: String]) {
        guard let name = labels[Owner.label] else { return nil }
        let namespace = labels[Owner.namespaceLabel] ?? ""
        self =
            namespace.isEmpty && name == Owner.sharedName
            ? .shared : .one(ObjectKey(namespace: namespace, name: name))
    }

    /// Selects everything that any install owns.
    package static let selector = LabelSelector(expressions: [.exists(label)])
}
