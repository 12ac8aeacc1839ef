import KubernetesModel

extension FieldRule {
    static let destinationRule: [FieldRule] =
        treatedHosts + policy(at: "trafficPolicy")
        + policy(at: "subsets[].trafficPolicy")

    private static let treatedHosts: [FieldRule] = [
        text("host", NameRules.hostFault),
        text("subsets[].name", NameRules.labelFault),
        FieldRule("subsets[].labels", NameRules.labelFaults),
        exportTo(),
        FieldRule("exportTo") { narrowExport($0) },
    ]

    /// A rule for some workloads is one for the namespace that they are in.
    private static func narrowExport(_ site: Site) -> [Diagnostic] {
        guard site.spec["workloadSelector"]?.object != nil else { return [] }
        return site.value.strings.enumerated().filter { $0.element != "." && $0.element != site.namespace }.map {
            site.fault(
                at: $0.offset, "is \"\($0.element)\", and with workloadSelector can only be this object's namespace")
        }
    }

    private static func policy(at place: String) -> [FieldRule] {
        let port = "\(place).portLevelSettings[]"
        let said = FieldRule(port) { site in
            let fields = ["loadBalancer", "connectionPool", "outlierDetection", "tls"]
            let says = fields.contains { !(site.value[$0] ?? .null).isNull }
            return says ? [] : [site.fault("must say one of \(fields.joined(separator: ", "))")]
        }
        return [said] + localities(at: place) + localities(at: port)
    }

    private static func localities(at place: String) -> [FieldRule] {
        let setting = "\(place).loadBalancer.localityLbSetting"
        return [
            FieldRule("\(setting).distribute") { site in
                let places = (site.value.array ?? []).map { $0["from"]?.string ?? "" }
                return hidden(among: places).map { index, other in
                    let path = FieldPath.element(index, of: site.path)
                    let message =
                        "is \"\(places[index])\", which never comes to be used after \"\(other)\"; put it before that"
                    return Diagnostic(path: "\(path).from", message: message)
                }
            },
            FieldRule(setting) { twoOrders($0) },
        ]
    }

    /// Places that others before them are all of.
    private static func hidden(among places: [String]) -> [(index: Int, other: String)] {
        places.indices.compactMap { index in
            places[..<index].first { $0 != places[index] && covers($0, places[index]) }.map { (index, $0) }
        }
    }

    /// `*` stands for all that is below, as does what is not said.
    private static func covers(_ wide: String, _ narrow: String) -> Bool {
        func parts(_ place: String) -> [Substring] {
            let parts = place.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            return parts + Array(repeating: "*"[...], count: 3 - parts.count)
        }
        for (wide, narrow) in zip(parts(wide), parts(narrow)) {
            if wide == "*" { return true }
            if wide != narrow { return false }
        }
        return true
    }

    /// What regions stand in for each other cannot be said in two ways.
    private static func twoOrders(_ site: Site) -> [Diagnostic] {
        guard site.value["failover"]?.array?.isEmpty == false else { return [] }
        let places = [
            "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
        ]
        let labels = (site.value["failoverPriority"] ?? .null).strings
        return labels.filter(places.contains).map {
            site.fault(at: "failoverPriority", "names \($0), and failover says which regions stand in for others")
        }
    }
}
