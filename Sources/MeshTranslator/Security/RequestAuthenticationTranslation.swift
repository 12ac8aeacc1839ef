import IstioAPI
import KubernetesModel
import MeshModel

/// A RequestAuthentication. A rule that makes no sense makes it unusable.
func requestAuthentication(
    of object: ConfigurationObject, in settings: MeshSettings
) -> Translated<RequestAuthentication?> {
    var diagnostics = Schema.requestAuthenticationSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    let target = object.policyTarget(in: settings, &diagnostics)
    let rules = (object.spec["jwtRules"]?.array ?? []).enumerated().compactMap { index, json in
        TokenRuleReading(json: json, path: FieldPath.element(index, of: "spec.jwtRules")).rule(&diagnostics)
    }
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    return Translated(
        RequestAuthentication(origin: object.origin, target: target, rules: rules), diagnostics: diagnostics)
}

/// Reads one rule, whose types have been checked.
private struct TokenRuleReading {
    var json: JSONValue
    var path: String

    func rule(_ diagnostics: inout [Diagnostic]) -> TokenRule? {
        let issuer = json["issuer"]?.string ?? ""
        guard let keys = keys(issuer, &diagnostics) else { return nil }
        var rule = TokenRule(issuer: issuer, keys: keys)
        rule.audiences = strings("audiences")
        rule.headers = (json["fromHeaders"]?.array ?? []).map {
            .init(name: $0["name"]?.string ?? "", prefix: $0["prefix"]?.string ?? "")
        }
        rule.parameters = strings("fromParams")
        rule.cookies = strings("fromCookies")
        rule.isRequired = json["presence"]?.string == "REQUIRED"
        rule.forwardsToken = json["forwardOriginalToken"]?.bool ?? false
        rule.payloadHeader = json["outputPayloadToHeader"]?.string ?? ""
        rule.claimHeaders = (json["outputClaimToHeaders"]?.array ?? []).map {
            .init(name: $0["header"]?.string ?? "", claim: $0["claim"]?.string ?? "")
        }
        rule.spaceDelimitedClaims = strings("spaceDelimitedClaims")
        if let timeout = json["timeout"]?.string.flatMap(DurationText.nanoseconds), timeout > 0 {
            rule.fetchTimeout = .nanoseconds(Int64(timeout))
        }
        return rule
    }

    private func strings(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }

    private func keys(_ issuer: String, _ diagnostics: inout [Diagnostic]) -> TokenRule.Keys? {
        let inline = json["jwks"]?.string ?? ""
        let address = json["jwksUri"]?.string ?? json["jwks_uri"]?.string ?? ""
        if !inline.isEmpty, !address.isEmpty {
            diagnostics.append(Diagnostic(path: path + ".jwks", message: "cannot stand beside jwksUri; keep one"))
            return nil
        }
        if !inline.isEmpty {
            if let fault = KeySetText.fault(of: inline) {
                diagnostics.append(Diagnostic(path: path + ".jwks", message: fault))
                return nil
            }
            return .inline(inline)
        }
        if !address.isEmpty { return .fetched(.address(address)) }
        guard !issuer.isEmpty else {
            diagnostics.append(
                Diagnostic(
                    path: path + ".issuer",
                    message: "must be given where neither jwks nor jwksUri says which keys tokens are verified with"))
            return nil
        }
        if !issuer.hasPrefix("https://"), !issuer.hasPrefix("http://") {
            diagnostics.append(
                Diagnostic(
                    .warning, path: path + ".issuer",
                    message: "is no URL where keys could be found, and neither jwks nor jwksUri is given: no token "
                        + "will be taken"))
        }
        return .fetched(.issuer(issuer))
    }
}

/// What a JSON Web Key Set has to be.
package enum KeySetText {
    /// Why a text is none; nil if it is.
    package static func fault(of text: String) -> String? {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
        } catch {
            return "is no JSON: \(error.problem)"
        }
        guard let keys = json["keys"]?.array else { return "is no JSON Web Key Set: it has no list of keys" }
        if keys.isEmpty { return "has no keys" }
        return keys.allSatisfy { $0["kty"]?.string != nil } ? nil : "has a key without its kind (kty)"
    }
}
