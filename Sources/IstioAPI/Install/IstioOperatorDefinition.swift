package import KubernetesModel

extension CustomResource {
    /// The IstioOperator kind, named and shown as in Istio up to 1.23.
    package static let istioOperator = CustomResource(
        group: APIResource.istioOperators.group,
        kind: APIResource.istioOperators.kind,
        plural: APIResource.istioOperators.plural,
        shortNames: ["iop", "io"],
        description: "A control plane with its gateways. The operator installs it and keeps it as it is asked for.",
        versions: [
            Version(
                APIResource.istioOperators.version, isStored: true, spec: .istioOperatorSpec,
                isCheckedByController: true,
                status: .istioOperatorStatus,
                columns: [
                    Column("Revision", path: ".spec.revision", "Name of the control plane's revision."),
                    Column("Status", path: ".status.status", "How the installation is."),
                    .age,
                ])
        ])

}
