package import KubernetesModel

extension CustomResource {
    /// The TrafficExtension kind.
    package static let trafficExtension = istio(
        "TrafficExtension", plural: "trafficextensions", group: "extensions.istio.io", versions: ["v1alpha1"],
        columns: [.age], isSpecRequired: true,
        description: "A filter of your own in the proxies of workloads, as a WebAssembly module or a Lua script.",
        spec: .trafficExtensionSpec)
}

extension Schema {
    /// `spec` of a TrafficExtension.
    package static let trafficExtensionSpec = object(
        [
            workloadsField,
            targetsField,
            Field("phase", oneOf("UNSPECIFIED", "AUTHN", "AUTHZ", "STATS"), filterPhaseWords),
            Field("priority", int32.nullable, filterPriorityWords),
            Field("match", trafficMatches, "Which traffic it sees: what matches one of these. None: all."),
            Field("wasm", object(wasmFields, unknown: .dropped), "A WebAssembly module. This or lua must be given."),
            Field("lua", luaFilter, "A Lua script. This or wasm must be given."),
        ], unknown: .dropped
    ).atMostOne(of: "wasm", "lua").rules(
        SchemaRule(
            "(has(self.selector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1",
            "set at most one of selector and targetRefs"),
        SchemaRule("has(self.wasm) != has(self.lua)", "set one of wasm and lua, and not both")
    ).described("Which filter runs in which proxies, and where in them.")

    private static let luaFilter = object(
        [
            Field(
                "inlineCode", string.length(1...65536),
                "The script, with the functions envoy_on_request and envoy_on_response.", required: true)
        ], unknown: .dropped)
}
