import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Route_V3_Route {
    /// What becomes of a call that this route takes.
    func outcome(for call: Call) -> Simulation.Outcome {
        switch action {
        case .route(let action): return action.outcome(for: call)
        case .redirect(let redirect):
            return .answered(status: redirect.status, detail: "redirect to \(redirect.location(for: call, match))")
        case .directResponse(let response):
            return .answered(status: Int(response.status), detail: "a direct response")
        case .filterAction, .nonForwardingAction: return .answered(status: 404, detail: "left to a filter")
        case nil: return .answered(status: 404, detail: "the route has no action")
        }
    }

    /// The path with which a call goes on; nil if it stays.
    func rewrittenPath(of call: Call) -> String? {
        if case .route(let action)? = action { action.rewrittenPath(of: call, match) } else { nil }
    }

    /// The host with which a call goes on; nil if it stays, or is not known.
    func rewrittenHost(of call: Call) -> String? {
        guard case .route(let action)? = action else { return nil }
        return switch action.hostRewriteSpecifier {
        case .hostRewriteLiteral(let host)?: host
        case .hostRewriteHeader(let name)?: call.values(of: name).first
        default: nil
        }
    }

    /// What the route changes about a call, in words.
    func changes(for call: Call) -> [String] {
        guard case .route(let action)? = action else { return [] }
        var changes: [String] = []
        if let path = action.rewrittenPath(of: call, match) { changes.append("path becomes \(path)") }
        switch action.hostRewriteSpecifier {
        case .hostRewriteLiteral(let host)?: changes.append("host becomes \(host)")
        case .autoHostRewrite(let isOn)? where isOn.value: changes.append("host becomes that of the endpoint")
        case .hostRewriteHeader(let name)?: changes.append("host becomes that of header \(name)")
        default: break
        }
        if action.hasTimeout, action.timeout.seconds != 0 || action.timeout.nanos != 0 {
            changes.append("within \(Duration.seconds(action.timeout.seconds) + .nanoseconds(action.timeout.nanos))")
        }
        let mirrors = action.requestMirrorPolicies.map(\.cluster).filter { !$0.isEmpty }
        if !mirrors.isEmpty { changes.append("mirrored to \(mirrors.joined(separator: ", "))") }
        return changes
    }
}

extension Envoy_Config_Route_V3_RouteAction {
    fileprivate func outcome(for call: Call) -> Simulation.Outcome {
        switch clusterSpecifier {
        case .cluster(let name): return .forwarded([.init(name: name, weight: 100)])
        case .weightedClusters(let clusters):
            return .forwarded(
                clusters.clusters.filter { $0.weight.value > 0 }
                    .map { .init(name: $0.name, weight: Int($0.weight.value)) })
        case .clusterHeader(let name):
            guard let cluster = call.values(of: name).first else {
                return .answered(status: 503, detail: "no header \(name) names a cluster")
            }
            return .forwarded([.init(name: cluster, weight: 100)])
        case .clusterSpecifierPlugin(let name): return .forwarded([.init(name: "chosen by \(name)", weight: 100)])
        case .inlineClusterSpecifierPlugin(let plugin):
            return .forwarded([.init(name: "chosen by \(plugin.extension.name)", weight: 100)])
        case nil: return .answered(status: 503, detail: "the route names no cluster")
        }
    }

    fileprivate func rewrittenPath(of call: Call, _ match: Envoy_Config_Route_V3_RouteMatch) -> String? {
        if !prefixRewrite.isEmpty { return match.replacingPrefix(of: call.path, with: prefixRewrite) }
        guard hasRegexRewrite else { return nil }
        return regexRewrite.rewriting(call.path)
    }
}

extension Envoy_Config_Route_V3_RedirectAction {
    fileprivate var status: Int {
        switch responseCode {
        case .movedPermanently, .UNRECOGNIZED: 301
        case .found: 302
        case .seeOther: 303
        case .temporaryRedirect: 307
        case .permanentRedirect: 308
        }
    }

    fileprivate func location(for call: Call, _ match: Envoy_Config_Route_V3_RouteMatch) -> String {
        let own = call.security == .plaintext ? "http" : "https"
        let scheme =
            switch schemeRewriteSpecifier {
            case .httpsRedirect(true)?: "https"
            case .schemeRedirect(let scheme)? where !scheme.isEmpty: scheme
            default: own
            }
        let host = hostRedirect.isEmpty ? call.host.withoutPort : hostRedirect
        let written = call.host.dropFirst(call.host.withoutPort.count)
        let port =
            portRedirect != 0 ? ":\(portRedirect)" : hostRedirect.isEmpty && scheme == own ? String(written) : ""
        let path =
            switch pathRewriteSpecifier {
            case .pathRedirect(let path)?: path
            case .prefixRewrite(let prefix)?: match.replacingPrefix(of: call.path, with: prefix)
            case .regexRewrite(let rewrite)?: rewrite.rewriting(call.path)
            case nil: call.path
            }
        return "\(scheme)://\(host)\(port)\(stripQuery ? String(path.prefix { $0 != "?" }) : path)"
    }
}

extension Envoy_Config_Route_V3_RouteMatch {
    /// A path with the part that this matched replaced.
    fileprivate func replacingPrefix(of path: String, with replacement: String) -> String {
        let length =
            switch pathSpecifier {
            case .prefix(let prefix): prefix.count
            case .pathSeparatedPrefix(let prefix): prefix.count
            case .path(let whole): whole.count
            default: path.prefix { $0 != "?" && $0 != "#" }.count
            }
        return replacement + path.dropFirst(length)
    }
}

extension Envoy_Type_Matcher_V3_RegexMatchAndSubstitute {
    /// A path with every match replaced; the query stays.
    fileprivate func rewriting(_ path: String) -> String {
        guard let expression = try? Regex(pattern.regex) else { return path }
        let plain = String(path.prefix { $0 != "?" && $0 != "#" })
        let rewritten = plain.replacing(expression) { match in
            var result = ""
            var isEscaped = false
            for character in substitution {
                if isEscaped, let group = character.wholeNumberValue {
                    result += group < match.output.count ? String(match.output[group].substring ?? "") : ""
                    isEscaped = false
                } else if character == "\\", !isEscaped {
                    isEscaped = true
                } else {
                    result.append(character)
                    isEscaped = false
                }
            }
            return result
        }
        return rewritten + path.dropFirst(plain.count)
    }
}
