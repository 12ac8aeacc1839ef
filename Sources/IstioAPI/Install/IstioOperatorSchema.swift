package import KubernetesModel

extension Schema {
    /// `spec` of an IstioOperator: typed fields are enforced by the API server; unknown ones survive, to be reported.
    package static let istioOperatorSpec = object(
        [
            Field("profile", string, "The built-in profile that this is laid over. Default: default."),
            Field("installPackagePath", string, "A folder with further profiles, for the command line."),
            Field("hub", string, "Image hub, such as docker.io/istio. Default: this build's own."),
            Field("tag", scalar, "Image tag. Default: this build's own. Quote it, for 1.10 alone is the number 1.1."),
            Field(
                "namespace", string,
                "Where the control plane is installed. Default: values.global.istioNamespace, which is istio-system."),
            Field(
                "revision", string,
                "Names this control plane, so that several can run side by side; its objects get the name as suffix. "
                    + "Default: none."),
            Field("compatibilityVersion", string, "Behave as this minor version did by default, such as 1.29."),
            Field("meshConfig", meshConfig.opaqueToServer, "Mesh-wide settings, laid over values.meshConfig."),
            Field("components", components, "Which parts are installed, and how their Kubernetes objects differ."),
            Field("values", values.opaqueToServer, "Settings of the parts, as in the values of Istio's charts."),
            Field("unvalidatedValues", freeform, "Further values, laid over everything and checked by nobody."),
            Field("updateStrategy", updateStrategy, "How a change of version reaches control plane and workloads."),
        ],
        removed: [
            "addonComponents": "add-ons are no longer part of an installation since Istio 1.8; install Prometheus, "
                + "Grafana, Kiali or a tracing backend by their own means",
            "defaultRevision": "name the default revision in values.defaultRevision",
            "resourceSuffix": "set \"revision\", whose name is the suffix",
        ]
    ).described("What is to be installed.")

    private static let updateStrategy = object([
        Field(
            "type", oneOf("InPlace", "RevisionBased"),
            "InPlace replaces the running control plane; RevisionBased installs the new one beside it. "
                + "Default: InPlace."),
        Field(
            "inactiveRevisionDeletionGracePeriodSeconds", count,
            "Seconds that a revision without workloads is kept. Default: 30."),
        Field("updateWorkloads", boolean, "Whether workloads are moved to the new version. Default: false."),
        Field(
            "maxUnavailableWorkloads", integerOrString,
            "How many workloads, or which share of them, may be moving at once."),
    ])

    /// `status` of an IstioOperator.
    package static let istioOperatorStatus = object(
        [
            Field(
                "status", string,
                "HEALTHY, UPDATING, RECONCILING, ERROR, ACTION_REQUIRED or NONE: the worst of the components'."),
            Field("message", string, "What is wrong, or what is waited for."),
            Field("observedGeneration", integer.formatted("int64"), "The generation of the spec that this is about."),
            Field("componentStatus", map(componentStatus), "How each component is."),
            Field("conditions", list(condition), "Ready, and Reconciling or Stalled while they are true."),
            Field("revisions", list(freeform), "The revisions that belong to this object, and who uses them."),
            Field("rollouts", list(freeform), "The workloads that are being moved to another version."),
        ], unknown: .dropped
    ).described("How far the installation is.")

    private static let componentStatus = object(
        [
            Field("version", string, "The version that was applied."),
            Field("status", string, "One of the words of the whole status."),
            Field("error", string, "What is wrong, or what is waited for."),
        ], unknown: .dropped)

    private static let condition = object(
        [
            Field("type", string, "What it is about.", required: true),
            Field("status", oneOf("True", "False", "Unknown"), "Whether it holds.", required: true),
            Field("reason", string, "Why, in one word.", required: true),
            Field("message", string, "Why, in a sentence.", required: true),
            Field("lastTransitionTime", string.formatted("date-time"), "When it last changed.", required: true),
            Field("observedGeneration", integer.formatted("int64"), "The generation of the spec that it is about."),
        ], unknown: .dropped)
}
