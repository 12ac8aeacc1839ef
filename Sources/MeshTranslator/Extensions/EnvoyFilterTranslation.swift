import IstioAPI
import KubernetesModel
import MeshModel

/// An EnvoyFilter. Patches that make no sense are left out and told; the others stand.
func envoyFilter(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<EnvoyFilter?> {
    var diagnostics = Schema.envoyFilterSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    let patches = (object.spec["configPatches"]?.array ?? []).enumerated().compactMap { index, json in
        EnvoyPatchReading(json: json, path: "spec.configPatches[\(index)]", origin: object.origin)
            .patch(&diagnostics)
    }
    let target = object.policyTarget(selectedBy: .workloadLabels, in: settings, &diagnostics)
    return Translated(
        EnvoyFilter(
            origin: object.origin, target: target,
            priority: object.spec["priority"]?.integer.map(Int.init) ?? 0, patches: patches),
        diagnostics: diagnostics)
}

/// Reads one patch, whose types have been checked.
private struct EnvoyPatchReading {
    var json: JSONValue
    var path: String
    var origin: ConfigurationOrigin

    func patch(_ diagnostics: inout [Diagnostic]) -> EnvoyPatch? {
        let word = json["applyTo"]?.string ?? "INVALID"
        guard let target = EnvoyPatch.Target(rawValue: word) else {
            diagnostics.append(Diagnostic(path: "\(path).applyTo", message: "must be said"))
            return nil
        }
        let operationWord = json["patch", "operation"]?.string ?? "INVALID"
        guard let operation = EnvoyPatch.Operation(rawValue: operationWord) else {
            diagnostics.append(Diagnostic(path: "\(path).patch.operation", message: "must be said"))
            return nil
        }
        let contextWord = json["match", "context"]?.string ?? "ANY"
        guard let context = EnvoyPatch.Context(rawValue: contextWord) else {
            diagnostics.append(
                Diagnostic(
                    .warning, path: "\(path).match.context", message: "\(contextWord) is not honoured yet"))
            return nil
        }
        let value = json["patch", "value"] ?? .object([:])
        if operation != .remove, value.object?.isEmpty ?? true {
            diagnostics.append(
                Diagnostic(path: "\(path).patch.value", message: "must be given for operation \(operationWord)"))
            return nil
        }
        if let fault = contradiction(target, operation) {
            diagnostics.append(fault)
            return nil
        }
        return EnvoyPatch(
            target, operation, context: context, value: value, match: match(target), proxy: proxy(&diagnostics),
            filterClass: json["patch", "filterClass"]?.string.flatMap(EnvoyPatch.FilterClass.init(rawValue:)),
            origin: origin, path: path)
    }

    /// What is matched has to be of the kind that is changed, and what is replaced has to be named. An insertion without a
    /// place goes to an end of the list.
    private func contradiction(_ target: EnvoyPatch.Target, _ operation: EnvoyPatch.Operation) -> Diagnostic? {
        let kind: String
        switch target {
        case .listener, .listenerFilter, .filterChain, .networkFilter, .httpFilter: kind = "listener"
        case .routeConfiguration, .virtualHost, .httpRoute: kind = "routeConfiguration"
        case .cluster: kind = "cluster"
        case .extensionConfig, .bootstrap: kind = ""
        }
        if target == .bootstrap, operation != .merge {
            return Diagnostic(
                path: "\(path).patch.operation",
                message: "is \(operation.rawValue): a bootstrap can be changed by MERGE alone")
        }
        for other in ["listener", "routeConfiguration", "cluster"] where other != kind {
            guard json["match", other]?.object != nil else { continue }
            return Diagnostic(
                path: "\(path).match.\(other)",
                message: kind.isEmpty
                    ? "has no meaning for \(target.rawValue): leave it out"
                    : "cannot tell which \(target.rawValue) is meant: use match.\(kind)")
        }
        let placed: Bool
        switch target {
        case .httpFilter: placed = json["match", "listener", "filterChain", "filter", "subFilter", "name"] != nil
        case .networkFilter: placed = json["match", "listener", "filterChain", "filter", "name"] != nil
        case .listenerFilter: placed = json["match", "listener", "listenerFilter"] != nil
        case .httpRoute: placed = json["match", "routeConfiguration", "vhost", "route", "name"] != nil
        default: placed = true
        }
        guard operation == .replace, !placed else { return nil }
        return Diagnostic(
            .warning, path: "\(path).match",
            message: "names no \(target.rawValue) that \(operation.rawValue) could refer to: the patch changes nothing")
    }

    private func proxy(_ diagnostics: inout [Diagnostic]) -> ProxyMatch {
        let version = json["match", "proxy", "proxyVersion"]?.string ?? ""
        if (try? Regex(version)) == nil {
            diagnostics.append(
                Diagnostic(
                    path: "\(path).match.proxy.proxyVersion",
                    message: "\"\(version)\" is no regular expression, so that no proxy matches"))
        }
        return ProxyMatch(
            version: version,
            metadata: (json["match", "proxy", "metadata"]?.object ?? [:]).compactMapValues(\.string))
    }

    private func match(_ target: EnvoyPatch.Target) -> EnvoyMatch {
        if let listener = json["match", "listener"], listener.object != nil {
            return .listener(Self.listener(listener))
        }
        if let routes = json["match", "routeConfiguration"], routes.object != nil {
            return .routeConfiguration(Self.routes(routes))
        }
        if let cluster = json["match", "cluster"], cluster.object != nil { return .cluster(Self.cluster(cluster)) }
        return .anything
    }

    private static func listener(_ json: JSONValue) -> EnvoyListenerMatch {
        var match = EnvoyListenerMatch()
        match.name = json["name"]?.string ?? ""
        match.port = port(json["portNumber"])
        match.listenerFilter = json["listenerFilter"]?.string ?? ""
        if let json = json["filterChain"], json.object != nil {
            var chain = EnvoyListenerMatch.Chain()
            chain.name = json["name"]?.string ?? ""
            chain.serverName = json["sni"]?.string ?? ""
            chain.transportProtocol = json["transportProtocol"]?.string ?? ""
            chain.transportSocket = json["transportSocket"]?.string ?? ""
            chain.applicationProtocols = (json["applicationProtocols"]?.string ?? "").split(separator: ",")
                .map { String($0.filter { $0 != " " }) }
            chain.destinationPort = port(json["destinationPort"])
            chain.filter = json["filter", "name"]?.string ?? ""
            chain.subFilter = json["filter", "subFilter", "name"]?.string ?? ""
            match.chain = chain
        }
        return match
    }

    private static func routes(_ json: JSONValue) -> EnvoyRouteMatch {
        var match = EnvoyRouteMatch()
        match.name = json["name"]?.string ?? ""
        match.port = port(json["portNumber"])
        match.portName = json["portName"]?.string ?? ""
        match.gateway = json["gateway"]?.string ?? ""
        if let json = json["vhost"], json.object != nil {
            var host = EnvoyRouteMatch.VirtualHost()
            host.name = json["name"]?.string ?? ""
            host.domain = json["domainName"]?.string ?? ""
            if let json = json["route"], json.object != nil {
                var route = EnvoyRouteMatch.Route()
                route.name = json["name"]?.string ?? ""
                route.action = json["action"]?.string.flatMap(EnvoyRouteMatch.Action.init(rawValue:)) ?? .any
                host.route = route
            }
            match.virtualHost = host
        }
        return match
    }

    private static func cluster(_ json: JSONValue) -> EnvoyClusterMatch {
        var match = EnvoyClusterMatch()
        match.name = json["name"]?.string ?? ""
        match.service = json["service"]?.string ?? ""
        match.subset = json["subset"]?.string ?? ""
        match.port = port(json["portNumber"])
        return match
    }

    /// Zero stands for any.
    private static func port(_ json: JSONValue?) -> Int? {
        json?.integer.flatMap { $0 > 0 ? Int($0) : nil }
    }
}
