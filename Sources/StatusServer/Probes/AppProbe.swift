package import KubernetesModel

/// A probe, or a hook of the lifecycle, that the kubelet asks the agent for instead of the application.
package struct AppProbe: Hashable, Sendable {
    /// What is asked.
    package enum Kind: Hashable, Sendable {
        case http(HTTPProbe)
        /// That something listens.
        case tcp(port: Int)
        /// The health service of gRPC.
        case grpc(port: Int, service: String)
    }

    /// A request of which the status counts.
    package struct HTTPProbe: Hashable, Sendable {
        /// Of the application.
        package var port: Int
        /// With the slash before it.
        package var path: String
        /// Over TLS, whatever certificate the application has.
        package var isEncrypted: Bool
        /// Beside those that the kubelet sends.
        package var headers: [Header]

        /// One of the probe's own.
        package struct Header: Hashable, Sendable {
            /// As it is sent.
            package var name: String
            /// As it is sent.
            package var value: String
        }
    }

    /// What is asked.
    package var kind: Kind
    /// For an answer.
    package var timeout: Duration

    /// A probe of this kind.
    package init(_ kind: Kind, timeout: Duration = .seconds(1)) {
        self.kind = kind
        self.timeout = timeout
    }

    /// Reads one as Kubernetes writes probes, with the port as a number.
    package init?(_ json: JSONValue) {
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
    /// By the path that the kubelet asks for.
    package var byPath: [String: AppProbe]
    /// What of the text could not be read.
    package var problems: [String] = []

    /// Those of these paths.
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
