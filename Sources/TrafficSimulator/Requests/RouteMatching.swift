import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Route_V3_VirtualHost {
    /// The first route that matches a call, and why the ones before it do not.
    func route(
        for call: Call, policy: SimulationPolicy, settings: PathSettings = .init()
    ) -> (Envoy_Config_Route_V3_Route?, passedOver: [String]) {
        var passedOver: [String] = []
        for (index, route) in routes.enumerated() {
            guard let mismatch = route.match.mismatch(call, policy: policy, settings: settings) else {
                return (route, passedOver)
            }
            passedOver.append("\(route.name.isEmpty ? "route \(index + 1)" : route.name): \(mismatch)")
        }
        return (nil, passedOver)
    }
}

/// What a route configuration says of all its paths.
struct PathSettings: Hashable {
    /// What follows a `;` does not count.
    var ignoresParameters = false
}

extension Envoy_Config_Route_V3_RouteMatch {
    /// Why a call does not match; nil if it does.
    func mismatch(_ call: Call, policy: SimulationPolicy, settings: PathSettings = .init()) -> String? {
        if let mismatch = pathMismatch(call, policy: policy, settings: settings) { return mismatch }
        guard policy.looksBeyondPath else { return nil }
        if hasRuntimeFraction, runtimeFraction.defaultValue.isNone { return "it takes none of the calls" }
        if let mismatch = headers.lazy.compactMap({ $0.mismatch(call) }).first { return mismatch }
        if !queryParameters.isEmpty {
            let parameters = call.queryParameters
            if let mismatch = queryParameters.lazy.compactMap({ $0.mismatch(parameters) }).first { return mismatch }
        }
        if hasGrpc, !call.values(of: "content-type").contains(where: \.isGRPC) { return "it is for gRPC" }
        if hasTlsContext, let mismatch = tlsContext.mismatch(call) { return mismatch }
        let unmet = dynamicMetadata.first { $0.matches(call) == .no }
        if let unmet { return "the token does not have \(unmet.words)" }
        return nil
    }

    private func pathMismatch(_ call: Call, policy: SimulationPolicy, settings: PathSettings) -> String? {
        if policy.looksBeyondPath, call.method == "CONNECT" {
            if case .connectMatcher? = pathSpecifier { return nil }
            return "it is not for CONNECT"
        }
        let whole = call.pathOnly
        let path = settings.ignoresParameters ? String(whole.prefix { $0 != ";" }) : whole
        let ignoresCase = hasCaseSensitive && !caseSensitive.value
        func folded(_ text: String) -> String { ignoresCase ? text.asciiLowercased : text }
        let matches: Bool
        switch pathSpecifier {
        case .prefix(let value): matches = folded(path).hasPrefix(folded(value))
        case .path(let value): matches = folded(path) == folded(value)
        case .pathSeparatedPrefix(let value):
            matches = folded(path) == folded(value) || folded(path).hasPrefix(folded(value) + "/")
        case .safeRegex(let value):
            matches = policy.needsWholePath ? value.matchesAll(of: path) : value.matchesPart(of: path)
        case .pathMatchPolicy(let policy):
            guard let template = PathTemplate(policy) else { return "its path is decided by \(policy.name)" }
            matches = template.matches(path)
        case .connectMatcher: return "it is for CONNECT"
        case nil: matches = true
        }
        return matches ? nil : "path \(path) is not \(pathWords)"
    }

    /// What paths match, in words.
    var pathWords: String {
        let words =
            switch pathSpecifier {
            case .prefix(let value): "beginning with \(value)"
            case .path(let value): "exactly \(value)"
            case .pathSeparatedPrefix(let value): "at or below \(value)"
            case .safeRegex(let value): "matching \(value.regex)"
            case .pathMatchPolicy(let policy): PathTemplate(policy).map { "like \($0.text)" } ?? policy.name
            case .connectMatcher: "of CONNECT"
            case nil: "any"
            }
        return hasCaseSensitive && !caseSensitive.value ? words + " in letters of any case" : words
    }

    /// All that has to be so, in words.
    var words: String {
        var conditions = ["path \(pathWords)"] + headers.map(\.condition)
        conditions += queryParameters.map { parameter in
            if case .stringMatch(let matcher)? = parameter.queryParameterMatchSpecifier {
                return "query parameter \(parameter.name) \(matcher.words)"
            }
            return "query parameter \(parameter.name)"
        }
        if hasRuntimeFraction, !runtimeFraction.defaultValue.isAll {
            conditions.append("\(runtimeFraction.defaultValue.words) of the calls")
        }
        return conditions.joined(separator: ", ")
    }
}

extension Envoy_Config_Route_V3_RouteMatch.TlsContextMatchOptions {
    fileprivate func mismatch(_ call: Call) -> String? {
        let has = call.security == .mtls
        if hasPresented, presented.value != has {
            return has ? "the client has a certificate" : "there is no certificate"
        }
        if hasValidated, validated.value != has {
            return has ? "the certificate is valid" : "there is no valid certificate"
        }
        return nil
    }
}

extension String {
    fileprivate var isGRPC: Bool {
        self == "application/grpc" || hasPrefix("application/grpc+") || hasPrefix("application/grpc;")
    }
}

extension Envoy_Type_V3_FractionalPercent {
    private var limit: UInt32 {
        switch denominator {
        case .hundred, .UNRECOGNIZED: 100
        case .tenThousand: 10_000
        case .million: 1_000_000
        }
    }

    var isNone: Bool { numerator == 0 }
    var isAll: Bool { numerator >= limit }
    /// Such as `12.5 %`.
    var words: String {
        let percent = Double(numerator) * 100 / Double(limit)
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
    }
}
