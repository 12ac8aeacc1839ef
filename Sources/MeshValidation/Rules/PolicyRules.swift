import KubernetesModel
import MeshTranslator

extension FieldRule {
    static let telemetry: [FieldRule] = logged + named

    private static let logged: [FieldRule] = [
        FieldRule("accessLogging[].filter.expression") { site in
            guard let text = site.value.string, let fault = attributeExpressionSyntaxFault(text) else { return [] }
            return [site.fault("is no expression (CEL): it \(fault)")]
        }
    ]

    private static let named: [FieldRule] = each(["tracing[].customTags", "metrics[].overrides[].tagOverrides"]) {
        site in
        site.value[""] == nil ? [] : [site.fault(at: "", "has no name")]
    }

    /// A filter that is looked for has a name, and only one kind has filters inside.
    static let envoyFilter: [FieldRule] = [
        FieldRule("configPatches[]") { patch in
            guard let filter = patch.value["match", "listener", "filterChain", "filter"], filter.object != nil else {
                return []
            }
            let path = "\(patch.path).match.listener.filterChain.filter"
            func fault(_ field: String, _ message: String) -> [Diagnostic] {
                [Diagnostic(path: "\(path).\(field)", message: message)]
            }
            let name = filter["name"]?.string ?? ""
            if name.isEmpty { return fault("name", "is required: it says which filter is meant") }
            guard filter["subFilter"]?.object != nil, patch.value["applyTo"]?.string == "HTTP_FILTER" else { return [] }
            let manager = "envoy.filters.network.http_connection_manager"
            if name != manager, name != "envoy.http_connection_manager" {
                return fault(
                    "name", "is \"\(name)\", which has no filters inside: with subFilter it must be \(manager)")
            }
            let inner = filter["subFilter", "name"]?.string ?? ""
            return inner.isEmpty ? fault("subFilter.name", "is required: it says which HTTP filter is meant") : []
        }
    ]
}
