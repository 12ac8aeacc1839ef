import KubernetesModel
import MeshModel

extension TrafficPolicyReading {
    mutating func loadBalancer(_ json: JSONValue?, at path: String) -> LoadBalancer? {
        guard let json, json.object != nil else { return nil }
        var balancer = LoadBalancer(algorithm(json, at: path))
        if let setting = json["localityLbSetting"], setting.object != nil {
            balancer.locality = locality(setting, at: "\(path).localityLbSetting")
        }
        if let setting = json["zoneAwareLbSetting"], setting.object != nil, setting["enabled"]?.bool ?? true {
            readZoneAwareness(setting, at: "\(path).zoneAwareLbSetting", into: &balancer)
        }
        balancer.warmup = warmup(json, at: path)
        if balancer.warmup != nil, balancer.algorithm != .leastRequest, balancer.algorithm != .roundRobin {
            report(
                .warning, "\(path).\(json["warmup"]?.object == nil ? "warmupDurationSecs" : "warmup")",
                "has no effect but with LEAST_REQUEST and ROUND_ROBIN")
        }
        return balancer
    }

    /// Zones count within regions, which are ordered as for localityLbSetting.
    private mutating func readZoneAwareness(_ json: JSONValue, at path: String, into balancer: inout LoadBalancer) {
        if balancer.locality != nil {
            report(path, "cannot stand beside localityLbSetting; keep one of them")
            return
        }
        switch balancer.algorithm {
        case .leastRequest, .roundRobin, .random: break
        default:
            report(.warning, path, "has no effect but with LEAST_REQUEST, ROUND_ROBIN and RANDOM")
            return
        }
        var regions = locality(json, at: path)
        regions.isRegional = true
        for label in regions.failoverPriority where TopologyLabel.withinRegions.contains(label) {
            report("\(path).failoverPriority", "names \(label), and places are ordered by region anyway")
        }
        balancer.locality = regions
        balancer.zoneAwareness = ZoneAwareness(
            minimumClusterSize: limit("minClusterSize", of: json, at: path))
        report(
            .warning, path,
            "keeps calls in their region; zones count in proxies whose bootstrap names their own cluster "
                + "(cluster_manager.local_cluster_name, by an EnvoyFilter of BOOTSTRAP)")
    }

    private mutating func algorithm(_ json: JSONValue, at path: String) -> LoadBalancer.Algorithm {
        if let hash = json["consistentHash"], hash.object != nil {
            return .consistentHash(consistentHash(hash, at: "\(path).consistentHash"))
        }
        if let reports = json["backendUtilization"], reports.object != nil {
            return .backendUtilization(
                BackendUtilization(
                    updatePeriod: duration("weightUpdatePeriod", of: reports),
                    stabilizationPeriod: duration("weightStabilizationPeriod", of: reports),
                    expirationPeriod: duration("weightExpirationPeriod", of: reports),
                    errorPenaltyPercent: integer(
                        "errorUtilizationPenaltyPercent", of: reports, at: "\(path).backendUtilization"),
                    metricNames: (reports["metricNamesForComputingUtilization"]?.array ?? []).compactMap(\.string)))
        }
        switch json["simple"]?.string {
        case "ROUND_ROBIN": return .roundRobin
        case "RANDOM": return .random
        case "PASSTHROUGH": return .passthrough
        default: return .leastRequest
        }
    }

    private mutating func consistentHash(_ json: JSONValue, at path: String) -> ConsistentHash {
        if json["minimumRingSize"]?.integer.map({ $0 > 0 }) ?? false,
            json["ringHash"]?.object != nil || json["maglev"]?.object != nil
        {
            report("\(path).minimumRingSize", "cannot be used beside ringHash or maglev")
        }
        let table: ConsistentHash.Table
        if let maglev = json["maglev"], maglev.object != nil {
            let size = limit("tableSize", of: maglev, at: "\(path).maglev")
            if let size, !isPrime(size) || size > 5_000_011 {
                report("\(path).maglev.tableSize", "is \(size), and must be a prime of at most 5000011")
            }
            table = .maglev(size: size)
        } else if let ring = json["ringHash"], ring.object != nil {
            let size = limit("minimumRingSize", of: ring, at: "\(path).ringHash")
            table = .ring(minimumSize: ringSize(size, at: "\(path).ringHash.minimumRingSize"))
        } else {
            let size = limit("minimumRingSize", of: json, at: path)
            table = .ring(minimumSize: ringSize(size, at: "\(path).minimumRingSize"))
        }
        let key = hashKey(json, at: path)
        if key == nil { report(.warning, path, "does not say by what requests are alike, and so has no effect") }
        return ConsistentHash(key: key, table: table)
    }

    /// What Envoy takes at most.
    private mutating func ringSize(_ size: Int?, at path: String) -> Int? {
        if let size, size > 8_388_608 { report(path, "is \(size), and must be at most 8388608") }
        return size
    }

    private mutating func hashKey(_ json: JSONValue, at path: String) -> HashPolicy? {
        if let header = json["httpHeaderName"]?.string, !header.isEmpty { return .header(header) }
        if let parameter = json["httpQueryParameterName"]?.string, !parameter.isEmpty {
            return .queryParameter(parameter)
        }
        if json["useSourceIp"]?.bool ?? false { return .sourceAddress }
        guard let cookie = json["httpCookie"], cookie.object != nil else { return nil }
        let name = cookie["name"]?.string ?? ""
        if name.isEmpty { report("\(path).httpCookie.name", "is required") }
        return .cookie(
            HashCookie(
                name: name, path: cookie["path"]?.string ?? "", lifetime: duration("ttl", of: cookie),
                attributes: (cookie["attributes"]?.array ?? []).map {
                    .init(name: $0["name"]?.string ?? "", value: $0["value"]?.string ?? "")
                }))
    }

    private mutating func warmup(_ json: JSONValue, at path: String) -> Warmup? {
        if let setting = json["warmup"], setting.object != nil {
            guard let time = duration("duration", of: setting) else { return nil }
            let percent = setting["minimumPercent"]?.number ?? 10
            let aggression = setting["aggression"]?.number ?? 1
            if aggression < 1 { report("\(path).warmup.aggression", "is \(aggression), and must be at least 1") }
            return Warmup(duration: time, minimumPercent: percent, aggression: aggression)
        }
        return duration("warmupDurationSecs", of: json).map { Warmup(duration: $0) }
    }
}

/// Whether a number has no divisors.
private func isPrime(_ number: Int) -> Bool {
    guard number > 3 else { return number > 1 }
    guard !number.isMultiple(of: 2) else { return false }
    var divisor = 3
    while divisor * divisor <= number {
        if number.isMultiple(of: divisor) { return false }
        divisor += 2
    }
    return true
}
