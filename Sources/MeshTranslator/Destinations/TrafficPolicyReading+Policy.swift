import KubernetesModel
import MeshModel

extension TrafficPolicyReading {
    /// Reads a whole traffic policy; nil if there is none.
    mutating func policy(_ json: JSONValue?, at path: String) -> TrafficPolicy? {
        guard let json, let fields = json.object else { return nil }
        if fields.isEmpty { report(path, "is empty, and must say something") }
        var policy = parts(json, at: path)
        for (index, entry) in (json["portLevelSettings"]?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: "\(path).portLevelSettings")
            guard let number = entry["port", "number"]?.integer, (1...65535).contains(number) else {
                report("\(path).port.number", "is required, between 1 and 65535")
                continue
            }
            // The first one of a port counts.
            let ofPort = parts(entry, at: path)
            if policy.ports[Int(number)] == nil { policy.ports[Int(number)] = ofPort }
        }
        policy.tunnel = tunnel(json["tunnel"], at: "\(path).tunnel")
        if let version = json["proxyProtocol"], version.object != nil {
            policy.proxyProtocol = version["version"]?.string == "V2" ? .v2 : .v1
        }
        policy.retryBudget = retryBudget(json["retryBudget"], at: "\(path).retryBudget")
        return policy
    }

    /// What can be said of a service as well as of one port of it.
    private mutating func parts(_ json: JSONValue, at path: String) -> TrafficPolicy {
        var policy = TrafficPolicy()
        policy.loadBalancer = loadBalancer(json["loadBalancer"], at: "\(path).loadBalancer")
        policy.connectionPool = connectionPool(json["connectionPool"], at: "\(path).connectionPool")
        policy.outlierDetection = outlierDetection(json["outlierDetection"], at: "\(path).outlierDetection")
        policy.tls = clientTLS(json["tls"], at: "\(path).tls")
        return policy
    }

    private mutating func tunnel(_ json: JSONValue?, at path: String) -> Tunnel? {
        guard let json, json.object != nil else { return nil }
        let method = json["protocol"]?.string ?? ""
        if !["", "CONNECT", "POST"].contains(method) {
            report("\(path).protocol", "is \"\(method)\", and must be CONNECT or POST")
        }
        let host = json["targetHost"]?.string ?? ""
        if host.isEmpty || host.hasPrefix("*") { report("\(path).targetHost", "must name one host") }
        let port = json["targetPort"]?.integer ?? 0
        if !(1...65535).contains(port) { report("\(path).targetPort", "is \(port), and must be between 1 and 65535") }
        return Tunnel(host: host, port: Int(clamping: port), usesPost: method == "POST")
    }

    private mutating func retryBudget(_ json: JSONValue?, at path: String) -> RetryBudget? {
        guard let json, json.object != nil else { return nil }
        var budget = RetryBudget()
        if let interval = duration("budgetInterval", of: json), interval > .zero { budget.interval = interval }
        if let percent = json["percent"]?.number { budget.percent = percent }
        if let least = integer("minRetryConcurrency", of: json, at: path) { budget.minimumConcurrency = least }
        return budget
    }

    private mutating func outlierDetection(_ json: JSONValue?, at path: String) -> OutlierDetection? {
        guard let json, let fields = json.object else { return nil }
        if fields.isEmpty { report(path, "is empty, and must say something") }
        var detection = OutlierDetection()
        detection.consecutive5xxErrors = integer("consecutive5xxErrors", of: json, at: path)
        detection.consecutiveGatewayErrors = integer("consecutiveGatewayErrors", of: json, at: path)
        detection.consecutiveLocalOriginFailures = integer("consecutiveLocalOriginFailures", of: json, at: path)
        detection.splitsLocalOriginErrors = json["splitExternalLocalOriginErrors"]?.bool ?? false
        if detection.consecutiveLocalOriginFailures.map({ $0 > 0 }) ?? false, !detection.splitsLocalOriginErrors {
            report(
                "\(path).consecutiveLocalOriginFailures",
                "counts only with splitExternalLocalOriginErrors: true, which is missing")
        }
        detection.interval = duration("interval", of: json)
        detection.baseEjectionTime = duration("baseEjectionTime", of: json)
        detection.maxEjectionPercent = percent("maxEjectionPercent", of: json, at: path).flatMap { $0 > 0 ? $0 : nil }
        detection.minHealthPercent = percent("minHealthPercent", of: json, at: path) ?? 0
        if json["consecutiveErrors"]?.integer.map({ $0 != 0 }) ?? false {
            report(
                .warning, "\(path).consecutiveErrors",
                "has no effect any more; use consecutive5xxErrors or consecutiveGatewayErrors")
        }
        let statuses = (json["outlierDetectionHttpErrorCodes"]?.array ?? []).compactMap(\.integer)
        detection.errorStatuses = Set(statuses.map { Int($0) }).sorted()
        return detection
    }
}

extension TrafficPolicyReading {
    func duration(_ name: String, of json: JSONValue) -> Duration? { MeshConfigFields(json).duration(name) }

    /// A number that is not negative.
    mutating func integer(_ name: String, of json: JSONValue, at path: String) -> Int? {
        guard let number = json[name]?.integer else { return nil }
        guard (0...Int64(UInt32.max)).contains(number) else {
            report("\(path).\(name)", "is \(number), and must be between 0 and \(UInt32.max)")
            return nil
        }
        return Int(number)
    }

    /// A number of which zero says nothing.
    mutating func limit(_ name: String, of json: JSONValue, at path: String) -> Int? {
        integer(name, of: json, at: path).flatMap { $0 > 0 ? $0 : nil }
    }

    mutating func percent(_ name: String, of json: JSONValue, at path: String) -> Int? {
        guard let number = integer(name, of: json, at: path) else { return nil }
        if number > 100 { report("\(path).\(name)", "is \(number), and must be between 0 and 100") }
        return number
    }
}

extension JSONValue {
    /// Any number.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
