import KubernetesModel
import MeshModel

/// Reads rules of an AuthorizationPolicy, whose types have been checked.
struct AuthorizationRuleReading {
    /// Of the policy.
    var namespace: String
    var diagnostics: [Diagnostic]

    mutating func rule(_ json: JSONValue, at path: String) -> AuthorizationRule {
        var rule = AuthorizationRule()
        for (index, from) in (json["from"]?.array ?? []).enumerated() {
            let place = FieldPath.element(index, of: path + ".from") + ".source"
            rule.sources.append(matches(from["source"], Self.sourceFields, at: place))
        }
        for (index, to) in (json["to"]?.array ?? []).enumerated() {
            let place = FieldPath.element(index, of: path + ".to") + ".operation"
            rule.operations.append(matches(to["operation"], Self.operationFields, at: place))
        }
        for (index, when) in (json["when"]?.array ?? []).enumerated() {
            if let match = condition(when, at: FieldPath.element(index, of: path + ".when")) {
                rule.conditions.append(match)
            }
        }
        return rule
    }

    private typealias MatchField = (name: String, not: String, attribute: AuthorizationAttribute)

    private static let sourceFields: [MatchField] = [
        ("principals", "notPrincipals", .principal),
        ("requestPrincipals", "notRequestPrincipals", .requestPrincipal),
        ("serviceAccounts", "notServiceAccounts", .serviceAccount),
        ("trustDomains", "notTrustDomains", .trustDomain),
        ("namespaces", "notNamespaces", .namespace),
        ("remoteIpBlocks", "notRemoteIpBlocks", .remoteAddress),
        ("ipBlocks", "notIpBlocks", .sourceAddress),
    ]

    private static let operationFields: [MatchField] = [
        ("hosts", "notHosts", .host), ("methods", "notMethods", .method), ("paths", "notPaths", .path),
        ("ports", "notPorts", .destinationPort),
    ]

    private mutating func matches(
        _ json: JSONValue?, _ fields: [MatchField], at path: String
    ) -> [AuthorizationMatch] {
        let matches = fields.compactMap { field -> AuthorizationMatch? in
            let values = values(json, field.name, of: field.attribute, at: path)
            let others = self.values(json, field.not, of: field.attribute, at: path)
            guard !values.isEmpty || !others.isEmpty else { return nil }
            return AuthorizationMatch(field.attribute, values: values, notValues: others)
        }
        if matches.isEmpty {
            diagnostics.append(Diagnostic(path: path, message: "must say something, or be left out for everything"))
        }
        return matches
    }

    private mutating func condition(_ json: JSONValue, at path: String) -> AuthorizationMatch? {
        let key = json["key"]?.string ?? ""
        guard let attribute = AuthorizationAttribute(conditionKey: key) else {
            diagnostics.append(
                Diagnostic(path: path + ".key", message: "\"\(key)\" is none of the keys that conditions know"))
            return nil
        }
        let values = values(json, "values", of: attribute, at: path)
        let others = self.values(json, "notValues", of: attribute, at: path)
        guard !values.isEmpty || !others.isEmpty else {
            diagnostics.append(Diagnostic(path: path, message: "needs values or notValues"))
            return nil
        }
        return AuthorizationMatch(attribute, values: values, notValues: others)
    }

    private mutating func values(
        _ json: JSONValue?, _ name: String, of attribute: AuthorizationAttribute, at path: String
    ) -> [String] {
        (json?[name]?.array ?? []).compactMap(\.string).enumerated().map { index, value in
            if let fault = attribute.fault(of: value) {
                diagnostics.append(
                    Diagnostic(
                        path: FieldPath.element(index, of: "\(path).\(name)"), message: "\"\(value)\" \(fault)"))
            }
            let isShort = attribute == .serviceAccount && !value.contains("/")
            return isShort ? "\(namespace)/\(value)" : value
        }
    }
}
