package import KubernetesModel

/// A bootstrap with a part laid over it, as protobuf merges messages: field by field, lists one after the other.
///
/// Both are written with protobuf's own names of fields. What holds any kind of message is replaced as a whole; of
/// fields that exclude each other the part's counts.
package func bootstrap(_ base: JSONValue, amendedBy part: JSONValue) -> JSONValue {
    switch (base, part) {
    case (.object(let fields), .object(let over)):
        if over["@type"] != nil { return part }
        var merged = fields
        for alternatives in alternatives where alternatives.contains(where: { over[$0] != nil }) {
            for name in alternatives where over[name] == nil { merged[name] = nil }
        }
        for (name, value) in over {
            merged[name] = merged[name].map { bootstrap($0, amendedBy: value) } ?? value
        }
        return .object(merged)
    case (.array(let items), .array(let more)): return .array(items + more)
    default: return part
    }
}

/// Fields of which a message has one.
private let alternatives: [[String]] = [
    ["ads", "path", "path_config_source", "api_config_source", "self"],
    ["socket_address", "pipe", "envoy_internal_address"],
    ["reject_all", "exclusion_list", "inclusion_list"],
    ["stats_flush_on_admin"],
    ["port_value", "named_port"],
    ["text_format", "json_format"],
]
