import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    mutating func httpMatch(_ json: JSONValue, at path: String) -> HTTPMatch? {
        var match = HTTPMatch(client: client(json, at: path))
        match.name = json["name"]?.string ?? ""
        match.path = text(json["uri"], at: "\(path).uri")
        match.ignoresPathCase = json["ignoreUriCase"]?.bool ?? false
        match.scheme = text(json["scheme"], at: "\(path).scheme")
        match.method = text(json["method"], at: "\(path).method")
        match.authority = text(json["authority"], at: "\(path).authority")
        match.headers = texts(json["headers"], at: "\(path).headers")
        match.withoutHeaders = texts(json["withoutHeaders"], at: "\(path).withoutHeaders")
        match.queryParameters = texts(json["queryParams"], at: "\(path).queryParams", areHeaders: false)
        match.statPrefix = json["statPrefix"]?.string ?? ""
        return match
    }

    /// Who asks, and where.
    mutating func client(_ json: JSONValue, at path: String) -> ClientMatch {
        var client = ClientMatch()
        if let number = json["port"]?.integer, number != 0 { client.port = port(number, at: "\(path).port") }
        client.labels = json["sourceLabels"]?.stringMap ?? [:]
        client.namespace = json["sourceNamespace"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        client.gateways = gatewayNames(json["gateways"], at: "\(path).gateways")
        return client
    }

    mutating func port(_ number: Int64, at path: String) -> Int? {
        if let port = Int(exactly: number), isPort(port) { return port }
        report(path, "is \(number), and must be between 1 and 65535")
        return nil
    }

    /// A text that must be given some way; nil if nothing is asked.
    private mutating func text(_ json: JSONValue?, at path: String) -> TextMatch? {
        guard let json, json.object != nil else { return nil }
        let text = textMatch(json, at: path)
        guard text != .present else {
            report(path, "must have a text that is not empty, as exact, prefix or regex")
            return nil
        }
        return text
    }

    private mutating func texts(
        _ json: JSONValue?, at path: String, areHeaders: Bool = true
    ) -> [String: TextMatch] {
        var texts: [String: TextMatch] = [:]
        for (name, value) in (json?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = FieldPath.field(name, of: path)
            if areHeaders, !name.hasPrefix("@request.auth.claims"),
                let fault = HeaderRules.fault(ofName: name, allowsPseudo: true)
            {
                report(path, fault)
            }
            if name.isEmpty { report(path, "has no name") }
            texts[name] = textMatch(value, at: path)
        }
        return texts
    }

    /// What asks for nothing but that there is one, is met by any. Nil: it makes no sense, which is told.
    mutating func textMatch(_ json: JSONValue, at path: String) -> TextMatch? {
        if let text = json["exact"]?.string { return text.isEmpty ? .present : .exact(text) }
        if let text = json["prefix"]?.string { return text.isEmpty ? .present : .prefix(text) }
        guard let pattern = json["regex"]?.string, !pattern.isEmpty, pattern != "*" else { return .present }
        return expression(pattern, at: "\(path).regex") == nil ? nil : .regex(pattern)
    }

    /// The groups of a regular expression; nil if it is none, which is told.
    mutating func expression(_ pattern: String, at path: String) -> Int? {
        do {
            return try RegularExpressionSyntax(pattern).groupCount
        } catch {
            report(path, "is \"\(pattern)\", which is no regular expression (RE2): it \(error.message)")
            return nil
        }
    }
}
