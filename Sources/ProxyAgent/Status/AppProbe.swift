import KubernetesModel

/// A probe, or a hook of the lifecycle, that the kubelet asks the agent for instead of the application.
package struct AppProbe: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case http(HTTPProbe)
        /// That something listens.
        case tcp(port: Int)
        /// The health service of gRPC.
        case grpc(port: Int, service: String)
    }

    package struct HTTPProbe: Hashable, Sendable {
        package var port: Int
        package var path: String
        package var isEncrypted: Bool
        package var headers: [Header]

        package struct Header: Hashable, Sendable {
            package var name: String
            package var value: String
        }
    }

    package var kind: Kind
    package var timeout: Duration

    package init(_ kind: Kind, timeout: Duration = .seconds(1)) {
        self.kind = kind
        self.timeout = timeout
    }

    /// Reads one as Kubernetes writes probes, with the port as a number.
    init?(_ json: JSONValue) {
        func port(_ action: JSONValue) -> Int? { action["port"]?.scalarText.flatMap(Int.init) }
        if let action = json["httpGet"], let port = port(action) {
            let path = action["path"]?.string ?? ""
            var headers = (action["httpHeaders"]?.array ?? []).compactMap { header in
                header["name"]?.string.map { HTTPProbe.Header(name: $0, value: header["value"]?.string ?? "") }
            }
            if let host = action["host"]?.string, !host.isEmpty { headers.append(.init(name: "Host", value: host)) }
            kind = .http(
                HTTPProbe(
                    port: port, path: path.hasPrefix("/") ? path : "/\(path)",
                    isEncrypted: action["scheme"]?.string?.uppercased() == "HTTPS", headers: headers))
        } else if let action = json["tcpSocket"], let port = port(action) {
            kind = .tcp(port: port)
        } else if let action = json["grpc"], let port = port(action) {
            kind = .grpc(port: port, service: action["service"]?.string ?? "")
        } else {
            return nil
        }
        let seconds = json["timeoutSeconds"]?.integer ?? 0
        timeout = .seconds(seconds > 0 ? seconds : 1)
    }
}

/// The probes of all containers by the path that the kubelet asks for, such as `/app-health/web/livez`.
package struct AppProbes: Hashable, Sendable {
    package var byPath: [String: AppProbe]
    /// What of the text could not be read.
    package var problems: [String] = []

    package init(_ byPath: [String: AppProbe] = [:]) { self.byPath = byPath }

    /// Reads the environment variable that injection writes.
    package init(parsing text: String) {
        self.init()
        guard let fields = try? JSONValue(parsing: text), let probes = fields.object else {
            problems = ["ISTIO_KUBE_APP_PROBERS is no JSON map: the application's probes fail until it is"]
            return
        }
        for (path, json) in probes.sorted(by: { $0.key < $1.key }) {
            let known = path.hasPrefix("/app-health/") || path.hasPrefix("/app-lifecycle/")
            if known, let probe = AppProbe(json) {
                byPath[path] = probe
            } else {
                problems.append("ISTIO_KUBE_APP_PROBERS: \(path) is no httpGet, tcpSocket or grpc with a port number")
            }
        }
    }
}
