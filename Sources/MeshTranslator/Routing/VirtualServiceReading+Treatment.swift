import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    mutating func headers(_ json: JSONValue, at path: String) -> HeaderChanges {
        HeaderChanges(
            request: operations(json["request"], at: "\(path).request"),
            response: operations(json["response"], at: "\(path).response"))
    }

    private mutating func operations(_ json: JSONValue?, at path: String) -> HeaderChanges.Operations {
        guard let json, json.object != nil else { return .init() }
        let operations = HeaderChanges.Operations(
            set: json["set"]?.stringMap ?? [:], add: json["add"]?.stringMap ?? [:],
            remove: json["remove"]?.strings ?? [])
        for (field, values) in [("set", operations.set), ("add", operations.add)] {
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                let path = FieldPath.field(name, of: "\(path).\(field)")
                if let fault = HeaderRules.fault(ofName: name, allowsPseudo: true) { report(path, fault) }
                if let fault = HeaderRules.fault(ofFormat: value) { report(path, fault) }
                if name.hasPrefix(":"), name != ":authority" {
                    report(.warning, path, "has no effect: of what belongs to HTTP itself only :authority can be set")
                }
            }
        }
        for (index, name) in operations.remove.enumerated() {
            if let fault = HeaderRules.fault(ofName: name, allowsPseudo: true) {
                report(FieldPath.element(index, of: "\(path).remove"), fault)
            }
        }
        return operations
    }

    mutating func rewrite(_ json: JSONValue?, at path: String) -> RequestRewrite? {
        guard let json, json.object != nil else { return nil }
        var rewrite = RequestRewrite()
        rewrite.authority = value(json["authority"], at: "\(path).authority")
        if let uri = value(json["uri"], at: "\(path).uri") { rewrite.path = .prefix(uri) }
        if let regex = json["uriRegexRewrite"], regex.object != nil {
            if rewrite.path != nil { report("\(path).uriRegexRewrite", "cannot stand beside uri") }
            rewrite.path = regexRewrite(regex, at: "\(path).uriRegexRewrite")
        } else if rewrite == RequestRewrite() {
            report(path, "does not say what is rewritten: uri, uriRegexRewrite or authority")
        }
        return rewrite
    }

    private mutating func regexRewrite(_ json: JSONValue, at path: String) -> RequestRewrite.Path? {
        let pattern = json["match"]?.string ?? ""
        let substitution = json["rewrite"]?.string ?? ""
        if pattern.isEmpty { report("\(path).match", "is required") }
        if let fault = HeaderRules.fault(ofValue: substitution) { report("\(path).rewrite", fault) }
        guard let groups = expression(pattern, at: "\(path).match") else { return nil }
        var rest = substitution[...]
        while let slash = rest.firstIndex(of: "\\") {
            let next = rest[rest.index(after: slash)...].first
            guard let next, next == "\\" || next.isASCII && next.wholeNumberValue.map({ $0 <= groups }) ?? false else {
                report(
                    "\(path).rewrite",
                    "is \"\(substitution)\", where \\ must be followed by a number up to \(groups), the groups of match"
                )
                break
            }
            rest = rest[slash...].dropFirst(2)
        }
        return .regex(pattern: pattern, substitution: substitution)
    }

    mutating func fault(_ json: JSONValue?, at path: String) -> FaultRule? {
        guard let json, json.object != nil else { return nil }
        var rule = FaultRule()
        if let delay = json["delay"], delay.object != nil {
            let former = delay["percent"]?.integer.map { Share(percent: Double($0)) }
            let share = share(delay["percentage"], at: "\(path).delay.percentage") ?? former ?? .none
            if let duration = duration(delay["fixedDelay"]) {
                rule.delay = .init(duration: duration, share: share)
            } else {
                report("\(path).delay.fixedDelay", "is required")
            }
        }
        if let abort = json["abort"], abort.object != nil {
            let share = share(abort["percentage"], at: "\(path).abort.percentage") ?? .none
            rule.abort = status(of: abort, at: "\(path).abort").map { .init(status: $0, share: share) }
        }
        if json["delay"]?.object == nil, json["abort"]?.object == nil {
            report(path, "does nothing; say delay or abort")
        }
        return rule
    }

    private mutating func status(of json: JSONValue, at path: String) -> FaultRule.Abort.Status? {
        if let word = json["grpcStatus"]?.string, !word.isEmpty {
            if let code = grpcStatuses.firstIndex(of: word.uppercased()) { return .grpc(code) }
            if let code = Int(word), grpcStatuses.indices.contains(code) { return .grpc(code) }
            report("\(path).grpcStatus", "is \"\(word)\", and must be a status of gRPC such as UNAVAILABLE or 14")
            return nil
        }
        guard let status = json["httpStatus"]?.integer else {
            report(path, "does not say with which status: httpStatus or grpcStatus")
            return nil
        }
        if !(200..<600).contains(status) { report("\(path).httpStatus", "is \(status), and must be from 200 to 599") }
        return .http(Int(clamping: status))
    }

    mutating func cors(_ json: JSONValue?, at path: String) -> CORSRule? {
        guard let json, json.object != nil else { return nil }
        var origins = rules(json["allowOrigins"], at: "\(path).allowOrigins") { reading, json, path in
            reading.textMatch(json, at: path)
        }
        if origins.isEmpty { origins = (json["allowOrigin"]?.strings ?? []).map { .exact($0) } }
        var cors = CORSRule(origins: origins)
        cors.methods = json["allowMethods"]?.strings ?? []
        cors.headers = json["allowHeaders"]?.strings ?? []
        cors.exposedHeaders = json["exposeHeaders"]?.strings ?? []
        cors.maxAge = duration(json["maxAge"])
        cors.allowsCredentials = json["allowCredentials"]?.bool
        cors.forwardsUnmatchedPreflights = json["unmatchedPreflights"]?.string != "IGNORE"
        for (index, method) in cors.methods.enumerated() where !corsMethods.contains(method) {
            report(
                FieldPath.element(index, of: "\(path).allowMethods"),
                "is \"\(method)\", and must be a method of HTTP in capitals, or *")
        }
        for (field, names) in [("allowHeaders", cors.headers), ("exposeHeaders", cors.exposedHeaders)] {
            for (index, name) in names.enumerated() {
                if let fault = HeaderRules.fault(ofName: name) {
                    report(FieldPath.element(index, of: "\(path).\(field)"), fault)
                }
            }
        }
        return cors
    }
}

/// By their numbers.
private let grpcStatuses = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
]

private let corsMethods: Set<String> = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*",
]
