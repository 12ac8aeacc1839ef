import KubernetesModel
import MeshModel

extension SpecReading {
    mutating func ingress(_ json: JSONValue?, of object: ConfigurationObject) -> [IngressListener] {
        var listeners: [IngressListener] = []
        for (index, json) in (json?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: "spec.ingress")
            guard let number = port(json["port", "number"], at: "\(path).port.number") else { continue }
            if listeners.contains(where: { $0.number == number }) {
                report("\(path).port.number", "is \(number), as another listener's; numbers must be unique")
                continue
            }
            var listener = IngressListener(
                number: number, name: json["port", "name"]?.string ?? "",
                meshProtocol: meshProtocol(json["port", "protocol"], at: "\(path).port.protocol"),
                bind: json["bind"]?.string ?? "", bindsToPort: json["captureMode"]?.string == "NONE",
                target: ingressTarget(json["defaultEndpoint"]?.string ?? "", at: "\(path).defaultEndpoint"))
            if listener.meshProtocol == .udp {
                report(.warning, "\(path).port.protocol", "is UDP, which sidecars do not carry: nothing listens there")
                continue
            }
            if !listener.bind.isEmpty, IPAddress(listener.bind) == nil {
                report("\(path).bind", "is \"\(listener.bind)\", and must be an IP address")
            }
            if let tls = json["tls"], tls.object != nil { listener.tls = ingressTLS(tls, of: object, at: path) }
            if json["connectionPool"]?.object != nil {
                listener.connectionPool = connectionPool(json["connectionPool"], at: "\(path).connectionPool")
            }
            listeners.append(listener)
        }
        return listeners
    }

    private mutating func ingressTarget(_ text: String, at path: String) -> IngressListener.Target {
        guard !text.isEmpty else { return .original }
        if text.hasPrefix("unix://") {
            if !text.dropFirst(7).hasPrefix("/") && !text.dropFirst(7).hasPrefix("@") {
                report(path, "is \"\(text)\", and must be unix:// and an absolute path")
            }
            return .socket(text)
        }
        if let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), isPort(port) {
            switch text[..<colon] {
            case "127.0.0.1", "[::1]": return .localhost(port: port)
            case "0.0.0.0", "[::]": return .instance(port: port)
            default: break
            }
        }
        report(
            path,
            "is \"\(text)\", and must be 127.0.0.1:port or [::1]:port for localhost, 0.0.0.0:port or [::]:port "
                + "for the workload's address, or unix:// and a path")
        return .original
    }

    private mutating func ingressTLS(
        _ json: JSONValue, of object: ConfigurationObject, at path: String
    ) -> ServerTLS {
        var gateway = GatewayReading(namespace: object.metadata.namespace)
        let tls = gateway.serverTLS(json, at: "\(path).tls")
        diagnostics += gateway.diagnostics
        if tls.mode != .simple, tls.mode != .mutual {
            report("\(path).tls.mode", "is \(tls.mode.rawValue), and must be SIMPLE or MUTUAL")
        }
        if tls.redirectsToHTTPS { report("\(path).tls.httpsRedirect", "is for gateways alone") }
        return tls
    }

    mutating func connectionPool(_ json: JSONValue?, at path: String) -> ConnectionPool? {
        var reading = TrafficPolicyReading()
        defer { diagnostics += reading.diagnostics }
        return reading.connectionPool(json, at: path)
    }
}
