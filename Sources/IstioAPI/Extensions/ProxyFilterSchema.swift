internal import KubernetesModel

extension Schema {
    /// What `phase` of a filter means.
    static let filterPhaseWords =
        "Before the proxy's own filters of this kind: AUTHN (who is it), AUTHZ (is it allowed) or STATS (metrics). "
        + "Default: at the end, before the router."

    /// What `priority` of a filter means.
    static let filterPriorityWords = "Order within a phase: higher comes first. Default: 0; then by name and namespace."

    /// `match` of a filter.
    static let trafficMatches = list(
        object(
            [
                Field(
                    "mode", oneOf("UNDEFINED", "CLIENT", "SERVER", "CLIENT_AND_SERVER"),
                    "CLIENT: traffic that the workload sends; SERVER: traffic that it receives, and that of gateways. "
                        + "Default: CLIENT_AND_SERVER, both."),
                Field("ports", list(matchedPort).keyed(by: "number"), "Destination ports. None: all."),
            ], unknown: .dropped))

    private static let matchedPort = object(
        [Field("number", port, "Number of the port.", required: true)], unknown: .dropped)

    /// A WebAssembly module, with its settings.
    static let wasmFields: [Field] = wasmModule + wasmSettings

    private static let wasmModule: [Field] = [
        Field(
            "url", wasmAddress,
            "Where the module is: oci://, https://, http:// or file:// in the proxy's container. Without a scheme: "
                + "oci://.", required: true),
        Field("sha256", text(.sha256), "SHA-256 of the module, or of the OCI image, which is checked."),
        Field(
            "imagePullPolicy", oneOf("UNSPECIFIED_POLICY", "IfNotPresent", "Always"),
            "When proxies fetch the module anew. Default: IfNotPresent; with the tag latest, Always."),
        Field(
            "imagePullSecret", string.length(1...253),
            "Secret of type kubernetes.io/dockerconfigjson, in the same namespace, for the registry."),
        Field("verificationKey", string, "Without effect for now."),
        Field("type", oneOf("UNSPECIFIED_PLUGIN_TYPE", "HTTP", "NETWORK"), "Kind of filter. Default: HTTP."),
    ]

    private static let wasmSettings: [Field] = [
        Field("pluginName", string.length(1...256), "Which plugin of the module: its root ID."),
        Field("pluginConfig", freeform, "What the plugin gets as its configuration, as JSON."),
        Field(
            "failStrategy", oneOf("FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"),
            "When the module cannot be fetched or crashes: FAIL_CLOSE refuses requests, FAIL_OPEN goes on without it, "
                + "FAIL_RELOAD starts it again. Default: FAIL_CLOSE."),
        Field("vmConfig", wasmMachine, "The virtual machine that the module runs in."),
    ]

    private static let wasmMachine = object(
        [
            Field(
                "env", list(wasmVariable).items(0...256).keyed(by: "name"),
                "Environment variables that the module sees.")
        ], unknown: .dropped)

    private static let wasmVariable = object(
        [
            Field("name", string.length(1...256), "Name of the variable.", required: true),
            Field(
                "valueFrom", oneOf("INLINE", "HOST"),
                "INLINE: the value here; HOST: the proxy's variable of this name. Default: INLINE."),
            Field("value", string.length(0...2048), "Its value."),
        ], unknown: .dropped
    ).rules(
        SchemaRule(
            #"(has(self.valueFrom) ? self.valueFrom : "") != "HOST" || !has(self.value)"#,
            "with valueFrom HOST leave out value"))

    private static let wasmAddress = text(.wasmAddress).length(1...Int.max).rules(
        SchemaRule(
            #"isURL(self) ? (url(self).getScheme() in ["", "http", "https", "oci", "file"]) : "#
                + #"(isURL("http://" + self) && "#
                + #"url("http://" + self).getScheme() in ["", "http", "https", "oci", "file"])"#,
            "must be a URL that begins with oci://, https://, http:// or file://, or has no scheme"))
}

extension TextRule {
    fileprivate static let sha256 = TextRule(
        "a SHA-256 of 64 lower-case hexadecimal digits", pattern: "(^$|^[a-f0-9]{64}$)"
    ) { text in
        text.isEmpty
            || text.utf8.count == 64
                && text.utf8.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                }
    }

    fileprivate static let wasmAddress = TextRule(
        "a URL that begins with oci://, https://, http:// or file://, or an image such as example.com/plugin:v1"
    ) { text in
        guard let scheme = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).first,
            scheme.count < text.count
        else { return !text.isEmpty }
        return ["oci", "https", "http", "file"].contains(scheme.lowercased())
    }
}
