import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    /// - Parameter hosts: Of the object: what clients ask for in TLS has to be among them.
    mutating func tlsRule(_ json: JSONValue, at path: String, hosts: [String]) -> ConnectionRule? {
        let matches = rules(json["match"], at: "\(path).match") { reading, json, path in
            reading.connectionMatch(json, at: path, hosts: hosts)
        }
        if matches.isEmpty { report("\(path).match", "is required, with at least one name that clients ask for") }
        return ConnectionRule(
            matches: matches, destinations: destinations(json["route"]?.array ?? [], at: "\(path).route"))
    }

    mutating func tcpRule(_ json: JSONValue, at path: String) -> ConnectionRule? {
        let matches = rules(json["match"], at: "\(path).match") { reading, json, path in
            if json["sourceSubnet"]?.string.map({ !$0.isEmpty }) ?? false {
                reading.report(.warning, "\(path).sourceSubnet", "has no effect")
            }
            return reading.connectionMatch(json, at: path)
        }
        return ConnectionRule(
            matches: matches, destinations: destinations(json["route"]?.array ?? [], at: "\(path).route"))
    }

    private mutating func connectionMatch(
        _ json: JSONValue, at path: String, hosts: [String]? = nil
    ) -> ConnectionMatch? {
        var match = ConnectionMatch(client: client(json, at: path))
        match.destinationSubnets = json["destinationSubnets"]?.strings ?? []
        for (index, text) in match.destinationSubnets.enumerated() where AddressRange(text) == nil {
            report(
                FieldPath.element(index, of: "\(path).destinationSubnets"),
                "is \"\(text)\", and must be an address or a range such as 10.1.0.0/16")
        }
        guard let hosts else { return match }
        match.serverNames = (json["sniHosts"]?.strings ?? []).map { $0.lowercased().withoutFinalDot }
        if match.serverNames.isEmpty { report("\(path).sniHosts", "is required, with at least one name") }
        for (index, name) in match.serverNames.enumerated() {
            let path = FieldPath.element(index, of: "\(path).sniHosts")
            if name.contains(":") || !isHostOrPattern(name) {
                report(path, "is \"\(name)\", and must be a host such as a.example.com, or *.example.com")
            } else if !hosts.contains(where: { HostPattern.isSubset(name, of: $0) || isShort(name, of: $0) }) {
                report(path, "is \"\(name)\", which none of spec.hosts stands for")
            }
        }
        return match
    }

    private func isShort(_ name: String, of host: String) -> Bool { completeHost(name) == host }
}
