import KubernetesModel
import MeshModel

extension SpecReading {
    func resolution(_ json: JSONValue?) -> MeshService.Resolution {
        switch json?.string {
        case "STATIC": .endpoints
        case "DNS": .dns
        case "DNS_ROUND_ROBIN": .dnsRoundRobin
        case "DYNAMIC_DNS": .dynamicDNS
        default: .none
        }
    }

    /// In lower case, each once.
    mutating func hosts(_ json: JSONValue?, resolution: MeshService.Resolution, hasEndpoints: Bool) -> [String] {
        let written = (json ?? .null).strings
        if written.isEmpty { report("spec.hosts", "is required, with at least one host name") }
        var hosts: [String] = []
        for (index, text) in written.enumerated() {
            let path = FieldPath.element(index, of: "spec.hosts")
            let host = text.lowercased().withoutFinalDot
            let isWildcard = host.hasPrefix("*.")
            if !isWildcard, host.hasPrefix("*"), isHostName(String(host.dropFirst())) {
                report(.warning, path, "is \"\(text)\", a pattern that nothing is looked up by; write *. and a domain")
                continue
            }
            guard isHostName(isWildcard ? String(host.dropFirst(2)) : host) else {
                report(path, "is \"\(text)\", and must be a host name, which may begin with *.")
                continue
            }
            if isWildcard, resolution == .dns || resolution == .dnsRoundRobin, !hasEndpoints {
                report(path, "is a pattern, which cannot be looked up; list endpoints, or use DYNAMIC_DNS or NONE")
            }
            if !isWildcard, !host.contains(".") {
                report(.warning, path, "is a short name; clients have to call it by just that name")
            }
            if !hosts.contains(host) { hosts.append(host) }
        }
        return hosts
    }

    /// Each number and each name once.
    mutating func servicePorts(_ json: JSONValue?) -> [ServicePort] {
        var ports: [ServicePort] = []
        for (index, port) in (json?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: "spec.ports")
            guard let number = self.port(port["number"], at: "\(path).number") else { continue }
            let name = port["name"]?.string ?? ""
            if name.isEmpty { report("\(path).name", "is required") }
            if ports.contains(where: { $0.number == number }) {
                report("\(path).number", "is \(number), as another port's; numbers must be unique")
            }
            if !name.isEmpty, ports.contains(where: { $0.name == name }) {
                report("\(path).name", "is \"\(name)\", as another port's; names must be unique")
            }
            var target = number
            if let written = port["targetPort"]?.integer, written != 0 {
                target = self.port(port["targetPort"], at: "\(path).targetPort") ?? number
            }
            ports.append(
                ServicePort(
                    name: name, number: number, meshProtocol: meshProtocol(port["protocol"], at: "\(path).protocol"),
                    target: .number(target)))
        }
        return ports
    }

    /// Single addresses and ranges of them, each once.
    mutating func addresses(_ json: JSONValue?, into entry: inout ServiceEntry) {
        for (index, text) in (json ?? .null).strings.enumerated() {
            let path = FieldPath.element(index, of: "spec.addresses")
            guard let range = AddressRange(text) else {
                report(path, "is \"\(text)\", and must be an IP address or a range such as 10.1.0.0/16")
                continue
            }
            if range.isSingle {
                if !entry.addresses.contains(range.address) { entry.addresses.append(range.address) }
            } else if entry.resolution != .none, entry.resolution != .endpoints {
                report(path, "is a range, which only goes with resolution NONE or STATIC")
            } else if !entry.addressRanges.contains(range) {
                entry.addressRanges.append(range)
            }
        }
    }

    mutating func endpoints(
        _ json: JSONValue?, of object: ConfigurationObject, for entry: ServiceEntry, in settings: MeshSettings
    ) -> [WorkloadEntry] {
        let written = json?.array ?? []
        if !written.isEmpty, entry.resolution == .none {
            report("spec.endpoints", "cannot go with resolution NONE, the default; set it to STATIC or DNS")
        }
        if written.count > 1, entry.resolution == .dnsRoundRobin {
            report("spec.endpoints", "can have one element only with resolution DNS_ROUND_ROBIN")
        }
        return written.enumerated().map { index, json in
            let path = FieldPath.element(index, of: "spec.endpoints")
            var endpoint = workloadEntry(
                json, named: "\(object.metadata.name)-\(index)", namespace: object.metadata.namespace, at: path)
            endpoint.clusterID = settings.clusterID
            check(endpoint, for: entry, at: path)
            return endpoint
        }
    }

    private mutating func check(_ endpoint: WorkloadEntry, for entry: ServiceEntry, at path: String) {
        let isSocket = endpoint.address.hasPrefix("unix://")
        if isSocket, entry.ports.count > 1 {
            report("\(path).address", "is a Unix socket, which only goes with just one port")
        }
        if entry.resolution == .endpoints, !isSocket, !endpoint.address.isEmpty, IPAddress(endpoint.address) == nil {
            report(
                "\(path).address",
                "is \"\(endpoint.address)\", and must be an IP address with resolution STATIC; names need DNS")
        }
        if isSocket, entry.usesDNS { report("\(path).address", "is a Unix socket, which needs resolution STATIC") }
        if entry.usesDNS, !isSocket, !endpoint.address.isEmpty, IPAddress(endpoint.address) == nil,
            !isHostName(endpoint.address.withoutFinalDot)
        {
            report("\(path).address", "is \"\(endpoint.address)\", and must be a host name or an IP address")
        }
        for name in endpoint.ports.keys.sorted() where !entry.ports.contains(where: { $0.name == name }) {
            report(
                entry.ports.isEmpty ? .warning : .error,
                FieldPath.field(name, of: "\(path).ports"),
                "is no name of a port of this ServiceEntry; they are "
                    + entry.ports.map(\.name).joined(separator: ", "))
        }
    }

    /// What an object says of a workload. Only its form is checked.
    mutating func workloadEntry(
        _ json: JSONValue, named name: String, namespace: String, at path: String
    ) -> WorkloadEntry {
        let address = json["address"]?.string ?? ""
        var entry = WorkloadEntry(name: name, namespace: namespace, address: address)
        for (port, number) in (json["ports"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let number = self.port(number, at: FieldPath.field(port, of: "\(path).ports")) {
                entry.ports[port] = number
            }
        }
        entry.labels = (json["labels"] ?? .null).stringMap
        entry.network = json["network"]?.string ?? ""
        entry.locality = Locality(
            parsing: json["locality"]?.string ?? entry.labels["topology.istio.io/locality"]
                ?? entry.labels["istio-locality"] ?? "")
        entry.weight = Int(exactly: json["weight"]?.integer ?? 1).map { max(1, min($0, 1_000_000)) } ?? 1
        entry.serviceAccount = json["serviceAccount"]?.string ?? ""
        return entry
    }
}

extension ServiceEntry {
    fileprivate var usesDNS: Bool { resolution == .dns || resolution == .dnsRoundRobin || resolution == .dynamicDNS }
}
