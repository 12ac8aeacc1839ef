package import KubernetesModel

extension CustomResource {
    /// The EnvoyFilter kind.
    package static let envoyFilter = istio(
        "EnvoyFilter", plural: "envoyfilters", group: "networking.istio.io",
        versions: ["v1alpha3"],
        description: "Changes to the Envoy configuration of proxies, after everything else. It depends on what this "
            + "version of the control plane makes; a mistake can break traffic.",
        spec: .envoyFilterSpec)
}

extension Schema {
    /// `spec` of an EnvoyFilter.
    package static let envoyFilterSpec = object(
        [
            Field("workloadSelector", workloadSelector, policyReach),
            targetsField,
            Field("configPatches", list(envoyPatch), "The changes, made in this order."),
            Field(
                "priority", int32,
                "Lower is applied first, below 0 before what has none. Default: 0; then by age and by name."),
        ], unknown: .dropped
    ).rules(
        SchemaRule(
            "(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1",
            "set at most one of workloadSelector and targetRefs")
    ).described("What is changed, in which proxies.")

    private static let envoyPatch = object(
        [
            Field(
                "applyTo",
                oneOf(
                    "INVALID", "LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER", "ROUTE_CONFIGURATION",
                    "VIRTUAL_HOST", "HTTP_ROUTE", "CLUSTER", "EXTENSION_CONFIG", "BOOTSTRAP", "LISTENER_FILTER"),
                "Which part of the configuration is changed. INVALID stands for nothing."),
            Field("match", envoyMatch, "Which of these parts, in which proxies. None: all."),
            Field("patch", envoyChange, "The change."),
        ], unknown: .dropped)

    private static let envoyChange = object(
        [
            Field(
                "operation",
                oneOf(
                    "INVALID", "MERGE", "ADD", "REMOVE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REPLACE",
                    "MERGE_AND_REPLACE_LIST"),
                "MERGE lays the value over what is there, and lengthens lists; MERGE_AND_REPLACE_LIST replaces them. "
                    + "ADD, and INSERT_ beside or before the match, put the value in; REPLACE takes the match's "
                    + "place; REMOVE needs no value."),
            Field(
                "value", freeform, "The Envoy configuration, as JSON of its protocol buffers; filters as typed_config."),
            Field(
                "filterClass", oneOf("UNSPECIFIED", "AUTHN", "AUTHZ", "STATS"),
                "With operation ADD of a filter: put it after the control plane's own filters of this class."),
        ], unknown: .dropped)

    private static let envoyMatch = object(
        [
            Field(
                "context", oneOf("ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", "WAYPOINT"),
                "Which side of which kind of proxy. Default: ANY."),
            Field("proxy", envoyProxyMatch, "Which proxies, by what they say of themselves."),
            Field("listener", listenerMatch, "Which listeners, or parts of them."),
            Field("routeConfiguration", routeConfigurationMatch, "Which HTTP route configurations, or parts of them."),
            Field("cluster", clusterMatch, "Which clusters."),
            Field("waypoint", waypointMatch, "Which parts of a waypoint, with context WAYPOINT."),
        ], unknown: .dropped
    ).atMostOne(of: "listener", "routeConfiguration", "cluster", "waypoint").rules(
        SchemaRule(
            #"has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) "#
                + ": !has(self.waypoint)",
            "waypoint belongs to context WAYPOINT: set both or neither"))

    private static let envoyProxyMatch = object(
        [
            Field("proxyVersion", string, #"Regular expression (RE2) of the proxy's version, such as ^1\.29.*."#),
            Field("metadata", stringMap, "Values that the proxy's node metadata must hold."),
        ], unknown: .dropped)
}
