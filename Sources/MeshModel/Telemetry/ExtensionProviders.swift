import KubernetesModel

/// Names of extension providers with a meaning of their own.
package enum ExtensionProviders {
    /// The log of mesh settings, or `/dev/stdout`: there without being configured.
    package static let builtInLog = "envoy"
}

extension MeshSnapshot {
    /// The access log of this name; nil if there is none, or its service is not there.
    func accessLog(named name: String) -> AccessLogSink? {
        guard let provider = settings.extensionProviders[name] else {
            guard name == ExtensionProviders.builtInLog else { return nil }
            let file = settings.accessLog.file
            return AccessLogSink(
                .file(path: file.isEmpty ? "/dev/stdout" : file), format: settings.accessLog.sinkFormat)
        }
        if let json = provider["envoyFileAccessLog"], json.object != nil {
            var sink = AccessLogSink(
                .file(path: json["path"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "/dev/stdout"),
                format: json.logFormat ?? settings.accessLog.sinkFormat)
            sink.omitsEmptyValues = json["omitEmptyValues"]?.bool ?? false
            return sink
        }
        if let json = provider["envoyHttpAls"], let log = remoteLog(json, named: "http_envoy_accesslog") {
            return AccessLogSink(.httpService(log), format: .standard(.text))
        }
        if let json = provider["envoyTcpAls"], let log = remoteLog(json, named: "tcp_envoy_accesslog") {
            return AccessLogSink(.tcpService(log), format: .standard(.text))
        }
        if let json = provider["envoyOtelAls"], let log = remoteLog(json, named: "otel_envoy_accesslog") {
            return AccessLogSink(.openTelemetry(log), format: json.logFormat ?? .standard(.text))
        }
        return nil
    }

    private func remoteLog(_ json: JSONValue, named standard: String) -> AccessLogSink.RemoteLog? {
        guard let (host, port) = serviceOfProvider(json) else { return nil }
        func list(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }
        var log = AccessLogSink.RemoteLog(host: host, port: port, name: json["logName"]?.string ?? standard)
        log.requestHeaders = list("additionalRequestHeadersToLog")
        log.responseHeaders = list("additionalResponseHeadersToLog")
        log.responseTrailers = list("additionalResponseTrailersToLog")
        log.filterStateObjects = list("filterStateObjectsToLog")
        return log
    }

    /// Where spans go for this name; nil if there is no such provider, or its service is not there.
    func tracer(named name: String) -> TracingPolicy.Provider? {
        guard let provider = settings.extensionProviders[name] else { return nil }
        if let json = provider["zipkin"], let collector = collector(json) {
            return .zipkin(
                collector, path: json["path"]?.string ?? "/api/v2/spans",
                is128Bit: json["enable64bitTraceId"]?.bool != true)
        }
        if let json = provider["opentelemetry"], let collector = collector(json) {
            return .openTelemetry(collector, http: json["http"].flatMap(TracingPolicy.HTTPExport.init))
        }
        if let json = provider["datadog"], let collector = collector(json) { return .datadog(collector) }
        if let json = provider["skywalking"], let collector = collector(json) {
            return .skyWalking(collector, token: json["accessToken"]?.string ?? "")
        }
        return nil
    }

    private func collector(_ json: JSONValue) -> TracingPolicy.Collector? {
        serviceOfProvider(json).map { host, port in
            TracingPolicy.Collector(
                host: host, port: port, maximumTagLength: json["maxTagLength"]?.integer.map { Int($0) })
        }
    }

    /// The service that a provider names, if the mesh has it: a proxy refuses what refers to a cluster it does not have.
    private func serviceOfProvider(_ json: JSONValue) -> (host: String, port: Int)? {
        guard let name = json["service"]?.string, let port = json["port"]?.integer else { return nil }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let host = (parts.last ?? name).lowercased()
        let service: MeshService?
        if parts.count == 2 {
            service = services[ServiceKey(hostname: host, namespace: parts[0])]
        } else {
            service = services.values.filter { $0.hostname == host }.min(by: MeshService.isOlder)
        }
        return service?.port(number: Int(port)).map { (host, $0.number) }
    }
}

extension JSONValue {
    fileprivate var logFormat: AccessLogSink.Format? {
        if let labels = self["logFormat", "labels"], labels.object?.isEmpty == false { return .json(labels) }
        return self["logFormat", "text"]?.string.flatMap { $0.isEmpty ? nil : .text($0) }
    }
}

extension TracingPolicy.HTTPExport {
    fileprivate init?(_ json: JSONValue) {
        guard json.object != nil else { return nil }
        let headers = (json["headers"]?.array ?? []).compactMap { header in
            header["name"]?.string.flatMap { name in header["value"]?.string.map { (name, $0) } }
        }
        self.init(
            path: json["path"]?.string ?? "/v1/traces",
            timeout: json["timeout"]?.string.flatMap { $0.hasSuffix("s") ? Double($0.dropLast()) : nil }.map {
                .seconds($0)
            },
            headers: Dictionary(headers) { _, last in last })
    }
}
