import IstioAPI
import KubernetesModel
import MeshModel

/// What a Gateway means to the mesh.
///
/// - Returns: No value for a Gateway with any error: half of a gateway could serve a host in another way than meant.
func gateway(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<Gateway?> {
    let surplus = Schema.gatewaySpec.diagnostics(for: object.spec, at: "spec")
    var reading = GatewayReading(namespace: object.metadata.namespace)
    let servers = (object.spec["servers"]?.array ?? []).enumerated().map { index, server in
        reading.server(server, at: FieldPath.element(index, of: "spec.servers"))
    }
    if servers.isEmpty { reading.report("spec.servers", "is required, with at least one port") }
    let workloads = reading.workloads(object)
    reading.checkPortNames(object.spec["servers"]?.array ?? [])

    // What the schema finds is a wrong type or a field that does not exist: the second does no harm.
    let diagnostics = surplus.map(\.asWarningIfSurplus) + reading.diagnostics
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    return Translated(
        Gateway(origin: object.origin, workloads: workloads, servers: servers.compactMap(\.self)),
        diagnostics: diagnostics)
}

extension Diagnostic {
    fileprivate var asWarningIfSurplus: Diagnostic {
        message.hasPrefix("unknown field") ? Diagnostic(.warning, path: path, message: message) : self
    }
}

/// Reads the parts of one Gateway, and gathers what is wrong about them.
struct GatewayReading {
    let namespace: String
    var diagnostics: [Diagnostic] = []

    init(namespace: String) { self.namespace = namespace }

    mutating func report(
        _ path: String, _ message: String, _ severity: Diagnostic.Severity = .error
    ) { diagnostics.append(Diagnostic(severity, path: path, message: message)) }

    mutating func workloads(_ object: ConfigurationObject) -> Gateway.Workloads {
        if let services = object.metadata.annotations[serviceAnnotation] {
            return .services(Set(services.split(separator: ",").map { $0.lowercased() }))
        }
        let labels = (object.spec["selector"]?.object ?? [:]).compactMapValues(\.string)
        if labels.isEmpty {
            report(
                "spec.selector", "is empty, so that every gateway of the mesh opens these ports; name labels of one",
                .warning)
        }
        return .labels(labels)
    }

    mutating func server(_ json: JSONValue, at path: String) -> GatewayServer? {
        let bind = json["bind"]?.string ?? ""
        let isSocket = bind.hasPrefix("unix://")
        guard let port = port(json["port"], at: "\(path).port", isOfSocket: isSocket) else { return nil }
        let hosts = hosts(json["hosts"], of: port.meshProtocol, at: "\(path).hosts")
        if isSocket {
            check(socket: String(bind.dropFirst("unix://".count)), at: "\(path).bind")
        } else if !bind.isEmpty, !isAddress(bind) {
            report("\(path).bind", "is \"\(bind)\", and must be an IP address")
        }
        if json["defaultEndpoint"]?.string.map({ !$0.isEmpty }) ?? false {
            report("\(path).defaultEndpoint", "has no effect", .warning)
        }
        let tls = json["tls"].flatMap { $0.object == nil ? nil : serverTLS($0, at: "\(path).tls") }
        check(tls, of: port.meshProtocol, at: path)
        guard !isSocket else { return nil }
        return GatewayServer(
            name: json["name"]?.string ?? "", port: port.number, portName: port.name,
            meshProtocol: port.meshProtocol, bind: bind == "0.0.0.0" ? "" : bind, hosts: hosts, tls: tls)
    }

    private mutating func check(_ tls: ServerTLS?, of meshProtocol: MeshProtocol, at path: String) {
        if meshProtocol.isTLS, tls == nil {
            report("\(path).tls", "is required for HTTPS and TLS; say at least its mode")
        } else if meshProtocol.isHTTP, let tls, !tls.mode.passesThrough {
            report("\(path).tls", "cannot be used on a port of plain HTTP, but for httpsRedirect; use protocol HTTPS")
        }
    }

    private mutating func check(socket: String, at path: String) {
        guard socket.hasPrefix("@") || socket.hasPrefix("/") && !socket.hasSuffix("/") else {
            report(path, "is no Unix socket: unix:// is followed by an absolute path, or by @ and an abstract name")
            return
        }
        report(path, "is a Unix socket, which gateways do not listen on; write an address", .warning)
    }

    private mutating func port(
        _ json: JSONValue?, at path: String, isOfSocket: Bool
    ) -> (number: Int, name: String, meshProtocol: MeshProtocol)? {
        guard let json, let number = json["number"]?.integer.flatMap({ Int(exactly: $0) }) else { return nil }
        var isUsable = true
        if !(1...65535).contains(number), !(isOfSocket && number == 0) {
            report("\(path).number", "is \(number), and must be between 1 and 65535")
            isUsable = false
        }
        let word = json["protocol"]?.string ?? ""
        let meshProtocol = MeshProtocol(rawValue: word.lowercased())
        if meshProtocol == nil || !(meshProtocol?.isServed ?? false) {
            report(
                "\(path).protocol",
                "is \"\(word)\", and must be HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, MYSQL or REDIS")
            isUsable = false
        }
        guard isUsable, let meshProtocol else { return nil }
        return (number, json["name"]?.string ?? "", meshProtocol)
    }

    private mutating func hosts(
        _ json: JSONValue?, of meshProtocol: MeshProtocol, at path: String
    ) -> [GatewayHost] {
        let written = (json?.array ?? []).map { $0.string ?? "" }
        if written.isEmpty { report(path, "is required, with at least one host; * is for all") }
        return written.enumerated().compactMap { index, text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let host = (parts.last ?? "").lowercased().withoutFinalDot
            let path = FieldPath.element(index, of: path)
            // Of names in TLS, proxies know no part of a label.
            let isKnown = meshProtocol.isTLS ? isHost(host) : isHost(host) || isHostOrPartialPattern(host)
            guard parts.count <= 2, isKnown, parts.count == 1 || isNamespace(parts[0]) else {
                report(
                    path,
                    "is \"\(text)\", and must be a host such as a.example.com, *.example.com or *, with NAMESPACE/, ./ "
                        + "or */ before it if it is for the routes of some namespace")
                return nil
            }
            guard parts.count == 2, parts[0] != "*" else { return GatewayHost(host) }
            return GatewayHost(namespace: parts[0] == "." ? namespace : parts[0], host)
        }
    }

    /// Of servers as they stand in the Gateway.
    mutating func checkPortNames(_ servers: [JSONValue]) {
        var names: Set<String> = []
        for (index, server) in servers.enumerated() {
            guard server["port"]?.object != nil else { continue }
            let name = server["port", "name"]?.string ?? ""
            guard !names.insert(name).inserted else { continue }
            report(
                "\(FieldPath.element(index, of: "spec.servers")).port.name",
                "is \"\(name)\", as another server's; names must be unique within a Gateway")
        }
    }
}

private let serviceAnnotation = "internal.istio.io/gateway-service"

extension MeshProtocol {
    fileprivate var isServed: Bool {
        switch self {
        case .udp, .auto, .unsupported, .httpProxy: false
        default: true
        }
    }
}

private func isNamespace(_ text: String) -> Bool {
    ["*", ".", "~"].contains(text) || isName(text[...], allowingDots: false)
}

private func isHost(_ text: String) -> Bool {
    text == "*" || isName(text.hasPrefix("*.") ? text.dropFirst(2) : text[...], allowingDots: true)
}

private func isName(_ text: Substring, allowingDots: Bool) -> Bool {
    !text.isEmpty && text.utf8.count <= 253
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): allowingDots
            default: false
            }
        }
}

/// Whether a text looks like an IP address: a proxy would not take anything else.
private func isAddress(_ text: String) -> Bool {
    if text.contains(":") {
        return text.utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
}

func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
    default: false
    }
}
