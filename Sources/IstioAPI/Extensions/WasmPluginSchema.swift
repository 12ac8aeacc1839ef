package import KubernetesModel

extension CustomResource {
    /// The WasmPlugin kind.
    package static let wasmPlugin = istio(
        "WasmPlugin", plural: "wasmplugins", group: "extensions.istio.io", versions: ["v1alpha1"], columns: [.age],
        isSpecRequired: true,
        description: "A filter of your own in the proxies of workloads, as a WebAssembly module.",
        spec: .wasmPluginSpec)
}

extension Schema {
    /// `spec` of a WasmPlugin.
    package static let wasmPluginSpec = object(policyTargets + wasmFields + wasmPluginPlace, unknown: .dropped)
        .rules(.oneKindOfTarget).described("Which module runs in which proxies, and where in them.")

    private static let wasmPluginPlace: [Field] = [
        Field("phase", oneOf("UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS"), filterPhaseWords),
        Field("priority", int32.nullable, filterPriorityWords),
        Field("match", trafficMatches, "Which traffic it sees: what matches one of these. None: all."),
    ]
}
