import EnvoyAPI
import MeshModel
import SwiftProtobuf

typealias Permission = Envoy_Config_Rbac_V3_Permission

extension AuthorizationAttribute {
    /// It is about what is asked for, rather than about who asks.
    var isPermission: Bool {
        switch self {
        case .host, .method, .path, .destinationAddress, .destinationPort, .serverName, .filterMetadata: true
        default: false
        }
    }
}

extension Permission {
    static let everything: Self = .with { $0.any = true }

    static func all(of rules: [Self]) -> Self { .with { $0.andRules.rules = rules.isEmpty ? [everything] : rules } }
    static func any(of rules: [Self]) -> Self { .with { $0.orRules.rules = rules } }
    static func not(_ rule: Self) -> Self { .with { $0.notRule = rule } }

    /// What one of the values allows; nil if they make no sense of this attribute.
    init?(_ attribute: AuthorizationAttribute, anyOf values: [String]) throws {
        if case .filterMetadata(let filter, let key) = attribute {
            self = .with { $0.metadata = .init(filter: filter, path: [key], value: .noted(values)) }
            return
        }
        let rules = try values.compactMap { try Self.one(attribute, $0) }
        guard rules.count == values.count else { return nil }
        self = .any(of: rules)
    }

    private static func one(_ attribute: AuthorizationAttribute, _ value: String) throws -> Self? {
        switch attribute {
        case .host: .with { $0.header = .init(":authority", value, ignoringCase: true) }
        case .method: .with { $0.header = .init(":method", value) }
        case .path: try path(value)
        case .destinationAddress: AddressRange(value).map { range in .with { $0.destinationIp = .init(range) } }
        case .destinationPort: UInt32(value).map { port in .with { $0.destinationPort = port } }
        case .serverName: .with { $0.requestedServerName = .init(TextPattern(value)) }
        default: nil
        }
    }

    private static func path(_ value: String) throws -> Self {
        guard value.contains("{") else { return .with { $0.urlPath.path = .init(TextPattern(value)) } }
        let template: Envoy_Extensions_Path_Match_UriTemplate_V3_UriTemplateMatchConfig = .with {
            $0.pathTemplate = String(value.filter { $0 != "{" && $0 != "}" })
        }
        return try .with {
            $0.uriTemplate.name = "uri-template"
            $0.uriTemplate.typedConfig = try .init(packing: template)
        }
    }
}

extension Envoy_Type_Matcher_V3_ValueMatcher {
    /// What a filter noted: a text, or with `[VALUE]` a list with such an element.
    fileprivate static func noted(_ values: [String]) -> Self {
        .any(
            of: values.map { value in
                guard value.hasPrefix("["), value.hasSuffix("]"), value.count > 2 else {
                    return .text(.init(TextPattern(value)))
                }
                return .list(with: .text(.init(TextPattern(String(value.dropFirst().dropLast())))))
            })
    }
}
