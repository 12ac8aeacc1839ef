package import KubernetesModel

extension CustomResource {
    /// The DestinationRule kind.
    package static let destinationRule = istio(
        "DestinationRule", plural: "destinationrules", group: "networking.istio.io", shortNames: ["dr"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        columns: [
            Column("Host", path: ".spec.host", "The service that the rule is about."),
            .age,
        ],
        description: "How clients treat a service, once it is settled that traffic goes to it: load balancing, "
            + "connections, TLS, outliers, and the subsets that it has.",
        spec: .destinationRuleSpec)
}

extension Schema {
    /// `spec` of a DestinationRule.
    package static let destinationRuleSpec = object(
        [
            Field(
                "host", string,
                "The service: its short name, counted from this object's namespace, or better its full name; "
                    + "*.example.com stands for all below it.", required: true),
            Field("trafficPolicy", trafficPolicy, "How all of the service is treated."),
            Field("subsets", list(subset), "Parts of the service that routes can name."),
            Field(
                "exportTo", strings,
                "Namespaces that see this object: . for its own, * for all. Default: as the mesh is configured."),
            Field(
                "workloadSelector", selector,
                "Clients in this namespace that the rule is for. Default: every one."),
        ], unknown: .dropped
    ).described("How a service is treated.")

    private static let subset = object(
        [
            Field("name", string, "Name that routes use.", required: true),
            Field("labels", stringMap, "Labels that a workload of the subset has."),
            Field("trafficPolicy", trafficPolicy, "How the subset is treated, laid over the service's."),
        ], unknown: .dropped)
}
