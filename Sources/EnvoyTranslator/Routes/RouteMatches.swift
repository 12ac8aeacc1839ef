import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Route_V3_RouteMatch {
    /// All requests.
    static let everything: Self = .with { $0.prefix = "/" }

    init(_ match: HTTPMatch) {
        self.init()
        switch match.path {
        case nil, .present: prefix = "/"
        case .exact(let text): path = text
        case .prefix(let text): prefix = text
        case .regex(let expression): safeRegex.regex = expression
        }
        caseSensitive = .init(!match.ignoresPathCase)
        let claims = match.headers.filter { RequestClaim($0.key) != nil }
        let withoutClaims = match.withoutHeaders.filter { RequestClaim($0.key) != nil }
        headers =
            match.headers.filter { claims[$0.key] == nil }.map { .init($0.key, $0.value) }
            + match.withoutHeaders.filter { withoutClaims[$0.key] == nil }.map { .init(without: $0.key, $0.value) }
        headers.sort { ($0.name, $0.invertMatch ? 1 : 0) < ($1.name, $1.invertMatch ? 1 : 0) }
        for (name, text) in [
            (":method", match.method), (":authority", match.authority), (":scheme", match.scheme),
        ] {
            if let text { headers.append(.init(name, text)) }
        }
        queryParameters = match.queryParameters.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
        dynamicMetadata =
            claims.sorted { $0.key < $1.key }.compactMap { RequestClaim($0.key)?.matcher($0.value, isInverted: false) }
            + withoutClaims.sorted { $0.key < $1.key }
            .compactMap { RequestClaim($0.key)?.matcher($0.value, isInverted: true) }
    }
}

extension Envoy_Config_Route_V3_HeaderMatcher {
    fileprivate init(_ name: String, _ text: TextMatch) {
        self.init()
        self.name = name
        if text == .present { presentMatch = true } else { stringMatch = .init(text) }
    }

    fileprivate init(without name: String, _ text: TextMatch) {
        self.init(name, text)
        invertMatch = true
        // A header that is missing says something else, too.
        if text != .present { treatMissingHeaderAsEmpty = true }
    }
}

extension Envoy_Config_Route_V3_QueryParameterMatcher {
    fileprivate init(_ name: String, _ text: TextMatch) {
        self.init()
        self.name = name
        if text == .present { presentMatch = true } else { stringMatch = .init(text) }
    }
}

extension Envoy_Type_Matcher_V3_StringMatcher {
    init(_ text: TextMatch) {
        switch text {
        case .exact(let text): self = .exact(text)
        case .prefix(let text): self = .prefix(text)
        case .regex(let expression): self = .with { $0.safeRegex.regex = expression }
        // A prefix of nothing is refused.
        case .present: self = .with { $0.safeRegex.regex = ".*" }
        }
    }
}

/// A claim of the request's token, where a match names one instead of a header:
/// `@request.auth.claims.groups` or `@request.auth.claims[https://example.com/groups]`.
struct RequestClaim: Hashable {
    /// From the outermost.
    let path: [String]

    private static let prefix = "@request.auth.claims"

    init?(_ name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        let rest = name.dropFirst(Self.prefix.count)
        let path: [String]
        if rest.first == "." {
            path = rest.dropFirst().split(separator: ".").map(String.init)
        } else if rest.first == "[", rest.last == "]" {
            path = rest.dropFirst().dropLast().split(separator: "][", omittingEmptySubsequences: false).map(String.init)
        } else {
            return nil
        }
        guard !path.isEmpty, path.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.path = path
    }

    /// Whether the claim, or one of its elements if it is a list, is as it should be.
    func matcher(_ text: TextMatch, isInverted: Bool) -> Envoy_Type_Matcher_V3_MetadataMatcher {
        .with {
            $0.filter = "envoy.filters.http.jwt_authn"
            $0.path = (["payload"] + path).map { key in .with { $0.key = key } }
            let value: Envoy_Type_Matcher_V3_ValueMatcher = .with {
                if text == .present { $0.presentMatch = true } else { $0.stringMatch = .init(text) }
            }
            $0.value.orMatch.valueMatchers = [value, .with { $0.listMatch.oneOf = value }]
            $0.invert = isInverted
        }
    }
}
