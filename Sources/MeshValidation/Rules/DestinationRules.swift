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
                return clashes(among: places).map { index, other in
                    let path = FieldPath.element(index, of: site.path)
                    let message = "is \"\(places[index])\", which has places in common with \"\(other)\""
                    return Diagnostic(path: "\(path).from", message: message)
                }
            },
            FieldRule("\(setting).distribute[].to") { site in
                let places = (site.value.object ?? [:]).keys.sorted()
                return clashes(among: places).map { index, other in
                    site.fault(at: places[index], "has places in common with \"\(other)\"")
                }
            },
            FieldRule(setting) { twoOrders($0) },
        ]
    }

    /// Places that others before them have a part of.
    private static func clashes(among places: [String]) -> [(index: Int, other: String)] {
        places.indices.compactMap { index in
            places[..<index].first { $0 != places[index] && overlap($0, places[index]) }.map { (index, $0) }
        }
    }

    /// `*` stands for all that is below, as does what is not said.
    private static func overlap(_ left: String, _ right: String) -> Bool {
        func parts(_ place: String) -> [Substring] {
            let parts = place.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            return parts + Array(repeating: "*"[...], count: 3 - parts.count)
        }
        for (left, right) in zip(parts(left), parts(right)) {
            if left == "*" || right == "*" { return true }
            if left != right { return false }
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
        return labels.filter { label in places.contains { label == $0 || label.hasPrefix("\($0)=") } }.map {
            site.fault(at: "failoverPriority", "names \($0), and failover says which regions stand in for others")
        }
    }
}
