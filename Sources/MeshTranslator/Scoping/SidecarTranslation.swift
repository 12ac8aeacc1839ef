import IstioAPI
import KubernetesModel
import MeshModel

/// A Sidecar.
func sidecar(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<Sidecar?> {
    var reading = SpecReading(object, .sidecarSpec)
    let spec = object.spec
    var sidecar = Sidecar(
        origin: object.origin, workloadSelector: (spec["workloadSelector", "labels"] ?? .null).stringMap)
    if object.key.namespace == settings.rootNamespace, !sidecar.workloadSelector.isEmpty {
        reading.report(
            .warning, "spec.workloadSelector",
            "selects workloads of the root namespace alone; without it the Sidecar is for the whole mesh")
    }
    sidecar.egress = reading.egress(spec["egress"])
    sidecar.ingress = reading.ingress(spec["ingress"], of: object)
    sidecar.outboundPolicy = reading.outboundPolicy(spec["outboundTrafficPolicy"], in: settings)
    if spec["inboundConnectionPool"]?.object != nil {
        sidecar.inboundConnectionPool = reading.connectionPool(
            spec["inboundConnectionPool"], at: "spec.inboundConnectionPool")
    }
    if sidecar.isEmpty { reading.report("spec", "says nothing; add egress, ingress or outboundTrafficPolicy") }
    return reading.translated(sidecar)
}

extension Sidecar {
    fileprivate var isEmpty: Bool {
        egress.isEmpty && ingress.isEmpty && outboundPolicy == nil && inboundConnectionPool == nil
    }
}

extension SpecReading {
    mutating func egress(_ json: JSONValue?) -> [Sidecar.Egress] {
        let written = json?.array ?? []
        var listeners: [Sidecar.Egress] = []
        var places: Set<String> = []
        for (index, json) in written.enumerated() {
            let path = FieldPath.element(index, of: "spec.egress")
            let listener = Sidecar.Egress(
                port: egressPort(json["port"], bind: json["bind"]?.string ?? "", at: "\(path).port"),
                bind: json["bind"]?.string ?? "", bindsToPort: json["captureMode"]?.string == "NONE",
                hosts: egressHosts(json["hosts"], at: "\(path).hosts"))
            check(listener, isLast: index == written.count - 1, at: path)
            if let port = listener.port, !places.insert("\(listener.bind) \(port.number)").inserted {
                report("\(path).port.number", "is \(port.number), as another listener's with the same bind")
            }
            listeners.append(listener)
        }
        return listeners
    }

    private mutating func egressPort(_ json: JSONValue?, bind: String, at path: String) -> EgressListener.Port? {
        guard let json, let fields = json.object, !fields.isEmpty else { return nil }
        let isSocket = bind.hasPrefix("unix://")
        guard let number = port(json["number"], at: "\(path).number", orZero: isSocket) else { return nil }
        if isSocket, number != 0 { report("\(path).number", "is \(number), and must be 0 for a Unix socket") }
        return .init(
            number: number, name: json["name"]?.string ?? "",
            meshProtocol: meshProtocol(json["protocol"], at: "\(path).protocol"))
    }

    private mutating func egressHosts(_ json: JSONValue?, at path: String) -> [String] {
        let hosts = (json ?? .null).strings
        if hosts.isEmpty { report(path, "is required, with at least one namespace/host") }
        for (index, host) in hosts.enumerated() {
            let parts = host.split(separator: "/", omittingEmptySubsequences: false)
            let name = parts.count == 2 ? String(parts[1]).withoutFinalDot : ""
            if parts.count != 2 || parts[0].isEmpty || !isHostOrPartialPattern(name) {
                report(
                    FieldPath.element(index, of: path),
                    "is \"\(host)\", and must be namespace/host, such as ./*, */*.example.com or ~/*")
            }
        }
        return hosts.map(\.withoutFinalDot)
    }

    private mutating func check(_ listener: Sidecar.Egress, isLast: Bool, at path: String) {
        let isSocket = listener.bind.hasPrefix("unix://")
        if listener.port == nil, !isLast {
            report("\(path).port", "is required in all listeners but the last, which is for all other ports")
        }
        if listener.port == nil, isSocket { report("\(path).port", "is required for a Unix socket, with number 0") }
        if !listener.bind.isEmpty, !isSocket, IPAddress(listener.bind) == nil {
            report("\(path).bind", "is \"\(listener.bind)\", and must be an IP address or unix:// and a path")
        }
    }

    fileprivate mutating func outboundPolicy(_ json: JSONValue?, in settings: MeshSettings) -> OutboundTrafficPolicy? {
        guard let json, json.object != nil else { return nil }
        let mode: MeshSettings.OutboundPolicy =
            switch json["mode"]?.string {
            case "ALLOW_ANY": .allowAny
            case "ALLOW_ANY_DYNAMIC_DNS": .allowAnyDynamicDNS
            case nil where json["egressProxy"]?.object != nil: .allowAny
            // What an object says that names no mode.
            default: .registryOnly
            }
        guard let proxy = json["egressProxy"], proxy.object != nil else { return OutboundTrafficPolicy(mode) }
        let path = "spec.outboundTrafficPolicy.egressProxy"
        if mode == .registryOnly { report(path, "only goes with mode ALLOW_ANY") }
        let host = proxy["host"]?.string?.lowercased() ?? ""
        if !isHostName(host) { report("\(path).host", "is \"\(host)\", and must be a host name") }
        guard let port = port(proxy["port", "number"], at: "\(path).port.number") else {
            return OutboundTrafficPolicy(mode)
        }
        return OutboundTrafficPolicy(
            mode, egressProxy: .init(host: host, port: port, subset: proxy["subset"]?.string ?? ""))
    }
}
