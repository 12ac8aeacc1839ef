package import MeshModel

/// What a gRPC application without a proxy has for calls to others, besides endpoints; sorted by name.
///
/// Its gRPC library asks for a listener by the name it was told to call, such as `echo.default.svc.cluster.local:7070`,
/// and by name for all else: the listener's routes, their clusters, and the endpoints of those. There is no address to
/// listen on and nothing that is captured, and the client itself chooses among the endpoints of every service, as a gateway
/// does.
package func proxylessPlan(
    for traits: OutboundTraits, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot, isRouter: true)
    let hosts = SidecarVirtualHosts(services, for: traits, in: snapshot)
    var plan = ResourcePlan()
    plan.listeners = services.listeners(
        in: traits.scope, clusterDomain: snapshot.settings.clusterDomain, source: settings.sources.resources
    ).map { .proxylessListener($0) }
    var names: Set<String> = []
    plan.routes = services.ports.filter { names.insert($0.clusterName).inserted }
        .map { .proxylessRoutes(ProxylessRoutesInput(name: $0.clusterName, virtualHost: hosts.virtualHost(of: $0))) }
    plan.clusters = proxylessClusters(services, for: traits, in: snapshot, settings: settings)
        .map { .proxylessCluster($0) }
    return plan.sorted()
}

/// The endpoints of all services that gRPC applications without a proxy call; sorted by name.
///
/// Their library refuses all endpoints of a response that has one without an IP address, or one address and port twice:
/// those are left out. So are those that are reached through their network's gateway: that takes mutual TLS alone, and
/// finds the way by the name that is asked for, which libraries do not say.
package func proxylessEndpointPlan(
    for scope: OutboundScope, preference: EndpointPreference, in snapshot: MeshSnapshot,
    labels: [String: String] = [:]
) -> [ResourceInput] {
    endpointPlan(for: scope, preference: preference, in: snapshot, isRouter: true, labels: labels).map { input in
        guard case .loadAssignment(var assignment) = input else { return input }
        let endpoints = assignment.endpoints.endpoints
        var called: Set<CalledAddress> = []
        let callable = endpoints.filter { endpoint in
            guard let address = IPAddress(endpoint.address),
                !(assignment.networks?.isBehindGateway(endpoint) ?? false), assignment.calls(endpoint)
            else { return false }
            return called.insert(CalledAddress(address: address, port: endpoint.port)).inserted
        }
        guard callable.count < endpoints.count else { return input }
        assignment.endpoints = EndpointSet(callable)
        return .loadAssignment(assignment)
    }
}

/// The listeners of a gRPC server without a proxy: each of its ports under every address that it may listen on.
package func proxylessServerPlan(for view: ProxyView, in snapshot: MeshSnapshot) -> ResourcePlan {
    let inboundTLS = snapshot.inboundTLS(of: view)
    let access = snapshot.proxylessAccess(for: view)
    var addresses = ["0.0.0.0", "::", "127.0.0.1", "::1"]
    for address in view.proxylessAddresses ?? [] where !addresses.contains(address) { addresses.append(address) }
    var plan = ResourcePlan()
    for port in Set(view.inbound.map(\.targetPort)) {
        let requiresTLS = inboundTLS.mode(of: port).requiresTLS(ofServerWith: view.labels)
        for address in addresses {
            plan.listeners.append(
                .proxylessServer(
                    ProxylessServerInput(address: address, port: port, requiresTLS: requiresTLS, access: access)))
        }
    }
    return plan.sorted()
}

private struct CalledAddress: Hashable {
    var address: IPAddress
    var port: Int
}

extension OutboundServices {
    /// By which names clients of a scope may call, with the routes of each. A complete name is its service's, and a short one
    /// is the oldest service's.
    fileprivate func listeners(
        in scope: OutboundScope, clusterDomain: String, source: ConfigSources.Source
    ) -> [ProxylessListenerInput] {
        let called = ports.map { ($0, HostDomains(of: $0.service, for: scope, clusterDomain: clusterDomain)) }
        var taken: Set<String> = []
        var listeners: [ProxylessListenerInput] = []
        func add(_ target: Port, _ hosts: [String]) {
            for host in hosts where !host.hasPrefix("*") && !target.service.isAddress(host) {
                let name = "\(host):\(target.port.number)"
                guard taken.insert(name).inserted else { continue }
                listeners.append(ProxylessListenerInput(name: name, routes: target.clusterName, source: source))
            }
        }
        for (target, domains) in called { add(target, domains.complete) }
        for (target, domains) in called { add(target, domains.others) }
        return listeners
    }
}

extension MeshService {
    /// Whether a domain is one of its addresses.
    fileprivate func isAddress(_ domain: String) -> Bool { addresses.contains { $0 == domain || "[\($0)]" == domain } }
}

extension InboundTLSMode {
    /// Whether a server that no proxy stands in front of takes mutual TLS alone. It cannot take both: what clients may do
    /// or leave is plaintext, unless the workload's label has told all clients of the mesh that they may use TLS.
    fileprivate func requiresTLS(ofServerWith labels: [String: String]) -> Bool {
        switch self {
        case .strict: true
        case .permissive: labels["security.istio.io/tlsMode"] == "istio"
        case .disable: false
        }
    }
}
