import EnvoyAPI
import MeshModel

extension Envoy_Config_Route_V3_RouteConfiguration {
    /// This configuration with all that patches change of it.
    func patched(by patches: [EnvoyPatch]) -> Self {
        var routes = self
        let reaching = patches.filter { $0.reaches(self) }
        for patch in reaching where patch.target == .routeConfiguration {
            switch patch.operation {
            case .merge, .mergeReplacingLists: routes.merge(patch)
            default: break
            }
        }
        for patch in reaching where patch.target == .virtualHost {
            PatchedList<Envoy_Config_Route_V3_VirtualHost>(
                isMatched: { patch, host in patch.isFor(host) },
                namesElement: { $0.match.routeConfiguration?.virtualHost != nil }
            ).apply(patch, to: &routes.virtualHosts)
        }
        for patch in reaching where patch.target == .httpRoute {
            for index in routes.virtualHosts.indices where patch.isFor(routes.virtualHosts[index]) {
                PatchedList<Envoy_Config_Route_V3_Route>(
                    isMatched: { patch, route in patch.isFor(route) },
                    namesElement: { $0.match.routeConfiguration?.virtualHost?.route != nil }
                ).apply(patch, to: &routes.virtualHosts[index].routes)
            }
        }
        return routes
    }
}

extension EnvoyPatch {
    fileprivate func reaches(_ routes: Envoy_Config_Route_V3_RouteConfiguration) -> Bool {
        switch target {
        case .routeConfiguration, .virtualHost, .httpRoute: break
        default: return false
        }
        guard let match = match.routeConfiguration else { return true }
        if !match.name.isEmpty, match.name != routes.name { return false }
        let server = RouteNames.server(of: routes.name)
        if !match.gateway.isEmpty, match.gateway != server?.gateway { return false }
        if !match.portName.isEmpty, match.portName != server?.portName { return false }
        guard let port = match.port else { return true }
        return RouteNames.port(of: routes.name) == port
    }

    fileprivate func isFor(_ host: Envoy_Config_Route_V3_VirtualHost) -> Bool {
        guard let wanted = match.routeConfiguration?.virtualHost else { return true }
        if !wanted.name.isEmpty, wanted.name != host.name { return false }
        return wanted.domain.isEmpty || host.domains.contains(wanted.domain)
    }

    fileprivate func isFor(_ route: Envoy_Config_Route_V3_Route) -> Bool {
        guard let wanted = match.routeConfiguration?.virtualHost?.route else { return true }
        if !wanted.name.isEmpty, wanted.name != route.name { return false }
        switch (wanted.action, route.action) {
        case (.any, _), (.route, .route?), (.redirect, .redirect?), (.directResponse, .directResponse?): return true
        default: return false
        }
    }
}

/// What the name of a route configuration tells.
enum RouteNames {
    /// Of `https.443.name.gateway.namespace`: the name of the server's port, and `namespace/gateway`. Route configurations
    /// of plain HTTP belong to all Gateways of the port.
    static func server(of name: String) -> (portName: String, gateway: String)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[0] == "https" else { return nil }
        return (String(parts[2]), "\(parts[parts.count - 1])/\(parts[3..<(parts.count - 1)].joined(separator: "."))")
    }

    /// Of `9080`, `reviews.default.svc.cluster.local:9080`, `http.8080`, `https.443.name.gateway.namespace` or
    /// `inbound|9080||`.
    static func port(of name: String) -> Int? {
        if let number = Int(name) { return number }
        if name.hasPrefix("inbound|") {
            return name.split(separator: "|", omittingEmptySubsequences: false).dropFirst().first.flatMap { Int($0) }
        }
        for scheme in ["http.", "https."] where name.hasPrefix(scheme) {
            return name.dropFirst(scheme.count).split(separator: ".").first.flatMap { Int($0) }
        }
        return name.lastIndex(of: ":").flatMap { Int(name[name.index(after: $0)...]) }
    }
}
