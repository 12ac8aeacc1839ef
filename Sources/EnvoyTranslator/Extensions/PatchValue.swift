import EnvoyAPI
import KubernetesModel
import SwiftProtobuf

/// The value of a patch as a message: the JSON of a protocol buffer, its field names in either style.
///
/// A `typed_config` that is not known here, or has fields that are not, becomes a TypedStruct, which the proxy resolves.
///
/// - Throws: An error of the library that names the field, where the JSON is not that message.
func patchValue<Value: Message>(_ json: JSONValue, as type: Value.Type) throws -> Value {
    KnownTypes.register()
    return try Value(jsonString: json.resolvingTypes.jsonText)
}

extension JSONValue {
    /// Every configuration of an extension that this target cannot read, as a TypedStruct.
    fileprivate var resolvingTypes: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.resolvingTypes))
        case .object(let fields):
            guard let url = fields["@type"]?.string else { return .object(fields.mapValues(\.resolvingTypes)) }
            var rest = fields
            rest["@type"] = nil
            return JSONValue.resolved(url, rest)
        default: return self
        }
    }

    private static func resolved(_ url: String, _ fields: [String: JSONValue]) -> JSONValue {
        let isLibrarys = url.hasPrefix("type.googleapis.com/google.protobuf.")
        let inner = JSONValue.object(fields.mapValues(\.resolvingTypes))
        if isLibrarys || KnownTypes.type(ofURL: url).map({ isReadable(inner, as: $0) }) ?? false {
            var resolved = inner
            resolved["@type"] = .string(url)
            return resolved
        }
        return [
            "@type": .string(Xds_Type_V3_TypedStruct.typeURL), "typeUrl": .string(url), "value": .object(fields),
        ]
    }

    private static func isReadable(_ json: JSONValue, as type: any Message.Type) -> Bool {
        (try? type.init(jsonString: json.jsonText)) != nil
    }
}
