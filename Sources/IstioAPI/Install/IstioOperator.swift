package import KubernetesModel

/// An `IstioOperator` as the cluster or a file has it, not yet checked.
package struct IstioOperator: Hashable, Sendable {
    package var metadata: ObjectMeta
    /// `spec` as it was written; null if there is none.
    package var specJSON: JSONValue
    /// `status` as it was last written; null if there is none.
    package var statusJSON: JSONValue

    /// Takes the parts of an object, whatever its kind.
    package init(_ object: UnstructuredObject) {
        metadata = object.metadata
        specJSON = object.json["spec"] ?? .null
        statusJSON = object.json["status"] ?? .null
    }

    package var key: ObjectKey { metadata.key }
    /// The status; one that cannot be read counts as none.
    package var status: IstioOperatorStatus { IstioOperatorStatus(statusJSON) }

    /// The spec after its check, with all that is wrong or doubtful about it.
    package func read() -> ReadSpec { IstioOperatorSpec.read(specJSON) }
}

/// A spec as far as it can be understood, and what a person has to hear about it.
///
/// If `diagnostics.hasErrors`, fields with errors are left out of `spec`: it must not be installed.
package struct ReadSpec: Hashable, Sendable {
    package var spec: IstioOperatorSpec
    /// In the order of the fields' names, then what follows from several fields together.
    package var diagnostics: [Diagnostic]

    package init(spec: IstioOperatorSpec, diagnostics: [Diagnostic]) {
        self.spec = spec
        self.diagnostics = diagnostics
    }
}
