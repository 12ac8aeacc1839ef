import KubernetesModel
import MeshModel

extension TrafficPolicyReading {
    /// Reads `localityLbSetting`.
    mutating func locality(_ json: JSONValue, at path: String) -> LocalityLoadBalancing {
        var setting = LocalityLoadBalancing()
        setting.isEnabled = json["enabled"]?.bool ?? true
        setting.failoverPriority = (json["failoverPriority"]?.array ?? []).compactMap(\.string)
        setting.distribute = distribution(json, at: path)
        setting.failover = failover(json, at: path)
        if !setting.distribute.isEmpty, !setting.failover.isEmpty || !setting.failoverPriority.isEmpty {
            report(path, "can have only one of distribute and failover or failoverPriority")
        }
        return setting
    }

    private mutating func distribution(_ json: JSONValue, at path: String) -> [LocalityLoadBalancing.Distribution] {
        var callers: [String] = []
        return (json["distribute"]?.array ?? []).enumerated().map { index, rule in
            let path = FieldPath.element(index, of: "\(path).distribute")
            let from = rule["from"]?.string ?? ""
            checkPlace(from, at: "\(path).from")
            if let other = callers.first(where: { $0 == from }) {
                report("\(path).from", "is \"\(other)\" once more")
            }
            callers.append(from)
            let shares = (rule["to"]?.object ?? [:]).sorted { $0.key < $1.key }
            var to: [String: Int] = [:]
            for (place, share) in shares {
                let path = FieldPath.field(place, of: "\(path).to")
                checkPlace(place, at: path)
                let percent = share.integer ?? 0
                if !(1...100).contains(percent) {
                    report(path, "is \(percent), and must be between 1 and 100")
                }
                to[place] = Int(clamping: percent)
            }
            let sum = to.values.reduce(0) { min(1_000_000, $0 + max(0, min($1, 1_000_000))) }
            if sum != 100 { report("\(path).to", "adds up to \(sum), and must add up to 100") }
            return LocalityLoadBalancing.Distribution(from: from, to: to)
        }
    }

    private mutating func failover(_ json: JSONValue, at path: String) -> [LocalityLoadBalancing.Failover] {
        var known: Set<String> = []
        return (json["failover"]?.array ?? []).enumerated().map { index, rule in
            let path = FieldPath.element(index, of: "\(path).failover")
            let from = rule["from"]?.string ?? ""
            let to = rule["to"]?.string ?? ""
            for (name, region) in [("from", from), ("to", to)] where region.contains("/") || region.contains("*") {
                report("\(path).\(name)", "is \"\(region)\", and must be the name of one region")
            }
            if from == to { report("\(path).to", "is \"\(to)\" as from, which would not be another region") }
            if !known.insert(from).inserted { report("\(path).from", "is \"\(from)\" once more") }
            return LocalityLoadBalancing.Failover(from: from, to: to)
        }
    }

    /// `*` stands for all that is below.
    private mutating func checkPlace(_ place: String, at path: String) {
        let parts = place.split(separator: "/", omittingEmptySubsequences: false)
        let star = parts.firstIndex { $0.contains("*") }
        let isGood =
            (1...3).contains(parts.count) && !parts.contains("")
            && (star == nil || star == parts.count - 1 && parts[parts.count - 1] == "*")
        if !isGood { report(path, "is \"\(place)\", and must be region/zone/subzone, where the last one may be *") }
    }
}
