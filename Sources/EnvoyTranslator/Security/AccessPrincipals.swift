import EnvoyAPI
import MeshModel
import SwiftProtobuf

typealias Principal = Envoy_Config_Rbac_V3_Principal

extension Principal {
    static let anybody: Self = .with { $0.any = true }

    static func all(of ids: [Self]) -> Self { .with { $0.andIds.ids = ids.isEmpty ? [anybody] : ids } }
    static func any(of ids: [Self]) -> Self { .with { $0.orIds.ids = ids } }
    static func not(_ id: Self) -> Self { .with { $0.notID = id } }

    /// Who one of the values means; nil if they make no sense of this attribute.
    init?(_ attribute: AuthorizationAttribute, anyOf values: [String], in domains: TrustDomains) {
        switch attribute {
        case .claim(let path):
            self = .payload(path, .claim(values))
        case .principal:
            self = .any(of: domains.principals(values).map { .named(.principal($0)) })
        default:
            let ids = values.compactMap { Self.one(attribute, $0) }
            guard ids.count == values.count else { return nil }
            self = .any(of: ids)
        }
    }

    private static func one(_ attribute: AuthorizationAttribute, _ value: String) -> Self? {
        switch attribute {
        case .namespace: .named(.expression(".*/ns/\(TextPattern.expression(value))/.*"))
        case .serviceAccount: serviceAccount(value)
        case .trustDomain: .named(.trustDomain(value))
        case .requestPrincipal: requestPrincipal(value)
        case .sourceAddress: AddressRange(value).map { range in .with { $0.directRemoteIp = .init(range) } }
        case .remoteAddress: AddressRange(value).map { range in .with { $0.remoteIp = .init(range) } }
        case .header(let name): .with { $0.header = .init(name, value) }
        default: nil
        }
    }

    /// Whoever the peer's certificate names.
    private static func named(_ matcher: Envoy_Type_Matcher_V3_StringMatcher) -> Self {
        .with { $0.authenticated.principalName = matcher }
    }

    private static func serviceAccount(_ value: String) -> Self? {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let (namespace, name) = (TextPattern.quoted(parts[0]), TextPattern.quoted(parts[1]))
        return .named(.expression("spiffe://.+/ns/\(namespace)/(.+/|)sa/\(name)(/.+)?"))
    }

    /// Written `issuer/subject`. Issuers have slashes, so that the last one divides them; a single `*` goes as far.
    private static func requestPrincipal(_ value: String) -> Self {
        let issuer: Envoy_Type_Matcher_V3_StringMatcher
        let subject: Envoy_Type_Matcher_V3_StringMatcher
        let slash = value.lastIndex(of: "/").flatMap { index in
            // The slashes of "https://" divide nothing.
            value[..<index].hasSuffix(":/") || value[..<index].hasSuffix(":") ? nil : index
        }
        if let slash {
            issuer = .init(TextPattern(String(value[..<slash])))
            subject = .init(TextPattern(String(value[value.index(after: slash)...])))
        } else {
            switch TextPattern(value) {
            case .exact(let text): (issuer, subject) = (.exact(text), .exact(""))
            case .prefix(let text): (issuer, subject) = (.prefix(text), .something)
            case .suffix(let text): (issuer, subject) = (.something, .suffix(text))
            case .any: (issuer, subject) = (.something, .something)
            }
        }
        return .all(of: [.payload(["iss"], .text(issuer)), .payload(["sub"], .text(subject))])
    }

    /// What the verified token says.
    private static func payload(_ path: [String], _ value: Envoy_Type_Matcher_V3_ValueMatcher) -> Self {
        .with {
            $0.metadata = .init(
                filter: TokenAuthenticationInput.filterName, path: [TokenAuthenticationInput.payloadKey] + path,
                value: value)
        }
    }
}

extension Envoy_Type_Matcher_V3_StringMatcher {
    fileprivate static func principal(_ value: String) -> Self {
        switch TextPattern(value) {
        case .exact(let text): .exact("spiffe://" + text)
        case .prefix(let text): .prefix("spiffe://" + text)
        case .suffix(let text): .expression("spiffe://.*" + TextPattern.quoted(text))
        case .any: .something
        }
    }

    fileprivate static func trustDomain(_ value: String) -> Self {
        switch TextPattern(value) {
        case .exact(let text): .prefix("spiffe://\(text)/")
        case .prefix(let text): .prefix("spiffe://" + text)
        case .suffix(let text): .expression("spiffe://[^/]*\(TextPattern.quoted(text))/.*")
        case .any: .something
        }
    }
}

extension Envoy_Type_Matcher_V3_ValueMatcher {
    /// A claim that is one of the values, or a list with one of them.
    fileprivate static func claim(_ values: [String]) -> Self {
        let one = any(of: values.map { .text(.init(TextPattern($0))) })
        return .with { $0.orMatch.valueMatchers = [.list(with: one), one] }
    }
}
