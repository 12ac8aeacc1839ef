import EnvoyAPI
import KubernetesModel

extension Envoy_Type_Matcher_V3_MetadataMatcher {
    /// Whether what filters found out about a call matches: of that, only the claims of its token are known.
    func matches(_ call: Call) -> Truth {
        let names: [String] = path.map { if case .key(let name)? = $0.segment { name } else { "" } }
        guard filter == "envoy.filters.http.jwt_authn", !names.isEmpty else { return .unknown }
        // The first step is the name under which the filter keeps the claims.
        let found = call.claims?.value(at: Array(names.dropFirst()))
        return Truth(value.matches(found) != invert)
    }

    /// What it asks for, in words.
    var words: String {
        let names = path.map { if case .key(let name)? = $0.segment { name } else { "" } }
        return "\(invert ? "other than " : "")\(names.dropFirst().joined(separator: ".")) \(value.words)"
    }
}

extension Envoy_Type_Matcher_V3_ValueMatcher {
    func matches(_ found: JSONValue?) -> Bool {
        switch matchPattern {
        case .nullMatch: found?.isNull ?? false
        case .doubleMatch(let matcher): found?.number.map(matcher.matches) ?? false
        case .stringMatch(let matcher): found?.string.map(matcher.matches) ?? false
        case .boolMatch(let value): found?.bool == value
        case .presentMatch(let isWanted): (found != nil) == isWanted
        case .listMatch(let list): found?.array?.contains { list.oneOf.matches($0) } ?? false
        case .orMatch(let or): or.valueMatchers.contains { $0.matches(found) }
        case nil: false
        }
    }

    fileprivate var words: String {
        switch matchPattern {
        case .stringMatch(let matcher): matcher.words
        case .listMatch(let list): "with an element \(list.oneOf.words)"
        case .orMatch(let or): or.valueMatchers.map(\.words).joined(separator: " or ")
        case .boolMatch(let value): "\(value)"
        case .nullMatch: "null"
        case .presentMatch: "present"
        case .doubleMatch, nil: "of some number"
        }
    }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}

extension Envoy_Type_Matcher_V3_DoubleMatcher {
    fileprivate func matches(_ value: Double) -> Bool {
        switch matchPattern {
        case .exact(let exact): value == exact
        case .range(let range): value >= range.start && value < range.end
        case nil: false
        }
    }
}
