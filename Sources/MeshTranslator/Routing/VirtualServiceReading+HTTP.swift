import IstioAPI
import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    mutating func httpRule(_ json: JSONValue, at path: String) -> HTTPRule? {
        let matches = rules(json["match"], at: "\(path).match") { $0.httpMatch($1, at: $2) }
        guard let outcome = outcome(json, at: path) else { return nil }
        checkTogether(json, at: path)
        if case .delegate = outcome { checkRoot(matches, at: "\(path).match") }
        var rule = HTTPRule(name: json["name"]?.string ?? "", matches: matches, outcome: outcome)
        rule.rewrite = rewrite(json["rewrite"], at: "\(path).rewrite")
        rule.timeout = duration(json["timeout"])
        rule.retries = retries(json["retries"], at: "\(path).retries")
        rule.fault = fault(json["fault"], at: "\(path).fault")
        rule.mirrors = mirrors(json, at: path)
        rule.cors = cors(json["corsPolicy"], at: "\(path).corsPolicy")
        rule.headers = json["headers"].flatMap { $0.isNull ? nil : headers($0, at: "\(path).headers") }
        return rule
    }

    private mutating func outcome(_ json: JSONValue, at path: String) -> HTTPRule.Outcome? {
        let routes = json["route"]?.array ?? []
        let given =
            (routes.isEmpty ? [] : ["route"])
            + ["redirect", "directResponse", "delegate"].filter { json[$0]?.object != nil }
        guard given.count < 2 else {
            report(path, "has \(given.joined(separator: " and ")), of which there can be only one")
            return nil
        }
        switch given.first {
        case "route": return .forward(destinations(routes, at: "\(path).route", haveHeaders: true))
        case "redirect": return redirect(json["redirect"] ?? .null, at: "\(path).redirect").map { .redirect($0) }
        case "directResponse":
            return directResponse(json["directResponse"] ?? .null, at: "\(path).directResponse").map { .respond($0) }
        case "delegate":
            let name = json["delegate", "name"]?.string ?? ""
            if name.isEmpty { report("\(path).delegate.name", "is required") }
            let given = json["delegate", "namespace"]?.string ?? ""
            return .delegate(ObjectKey(namespace: given.isEmpty ? namespace : given, name: name))
        default:
            report(path, "does not say what becomes of requests: route, redirect, directResponse or delegate")
            return nil
        }
    }

    /// What is done on the way makes no sense for answers that are given at once.
    private mutating func checkTogether(_ json: JSONValue, at path: String) {
        for answer in ["redirect", "directResponse"] where json[answer]?.object != nil {
            for field in ["rewrite", "fault"] where json[field]?.object != nil {
                report("\(path).\(field)", "cannot stand beside \(answer), which answers at once")
            }
        }
    }

    /// What a delegate's conditions are compared with.
    private mutating func checkRoot(_ matches: [HTTPMatch], at path: String) {
        for (index, match) in matches.enumerated() {
            let texts = [match.path, match.scheme, match.method, match.authority]
            let all =
                texts.compactMap(\.self) + match.headers.values + match.withoutHeaders.values
                + match.queryParameters.values
            if all.contains(where: { if case .regex = $0 { true } else { false } }) {
                report(
                    FieldPath.element(index, of: path),
                    "has a regex, which cannot be compared with the conditions of the object that is delegated to")
            }
        }
    }

    // MARK: - Destinations

    mutating func destinations(
        _ list: [JSONValue], at path: String, haveHeaders: Bool = false
    ) -> [WeightedDestination] {
        let destinations = list.enumerated().compactMap { index, json -> WeightedDestination? in
            let path = FieldPath.element(index, of: path)
            guard let destination = destination(json["destination"] ?? .null, at: "\(path).destination") else {
                return nil
            }
            var weighted = WeightedDestination(destination, weight: Int(clamping: json["weight"]?.integer ?? 0))
            if weighted.weight < 0 { report("\(path).weight", "is \(weighted.weight), and must not be negative") }
            if haveHeaders, let changes = json["headers"] { weighted.headers = headers(changes, at: "\(path).headers") }
            return weighted
        }
        if list.isEmpty {
            report(path, "is required, with at least one destination")
        } else if destinations.count > 1, destinations.allSatisfy({ $0.weight == 0 }) {
            report(path, "has no weights: at least one destination needs a weight above 0")
        } else if destinations.reduce(0, { $0 + max(0, $1.weight) }) > UInt32.max {
            report(path, "has weights that add up to more than \(UInt32.max)")
        }
        return destinations
    }

    mutating func destination(_ json: JSONValue, at path: String) -> RouteDestination? {
        let text = json["host"]?.string ?? ""
        let host = completeHost(text)
        guard host != "*", isHostOrPattern(host) else {
            report(
                "\(path).host",
                text.isEmpty ? "is required" : "is \"\(text)\", and must be the name of a service")
            return nil
        }
        var destination = RouteDestination(host: host, subset: json["subset"]?.string ?? "")
        if let number = json["port", "number"]?.integer, number != 0 {
            destination.port = port(number, at: "\(path).port.number")
        }
        return destination
    }

    private mutating func mirrors(_ json: JSONValue, at path: String) -> [Mirror]? {
        if let single = json["mirror"], single.object != nil {
            if json["mirrors"]?.array?.isEmpty == false {
                report("\(path).mirrors", "cannot stand beside mirror; name it among the mirrors")
            }
            guard let destination = destination(single, at: "\(path).mirror") else { return nil }
            let former = json["mirrorPercent"]?.integer ?? json["mirror_percent"]?.integer
            let share =
                share(json["mirrorPercentage"], at: "\(path).mirrorPercentage")
                ?? former.map { Share(percent: Double($0)) }
            if let former, !(0...100).contains(former) {
                report("\(path).mirrorPercent", "is \(former), and must be between 0 and 100")
            }
            return [Mirror(destination, share: share ?? .all)]
        }
        guard json["mirrors"]?.array?.isEmpty == false else { return nil }
        return rules(json["mirrors"], at: "\(path).mirrors") { reading, json, path in
            reading.destination(json["destination"] ?? .null, at: "\(path).destination").map {
                Mirror($0, share: reading.share(json["percentage"], at: "\(path).percentage") ?? .all)
            }
        }
    }

    /// A share of the requests; nil if it is not given.
    mutating func share(_ json: JSONValue?, at path: String) -> Share? {
        guard let json, json.object != nil else { return nil }
        let percent = json["value"]?.number ?? 0
        if !(0...100).contains(percent) { report("\(path).value", "is \(percent), and must be between 0 and 100") }
        return Share(percent: percent)
    }

    /// The schema has told what is none.
    func duration(_ json: JSONValue?) -> Duration? {
        json?.string.flatMap(DurationText.nanoseconds).map { .nanoseconds(Int64($0)) }
    }
}
