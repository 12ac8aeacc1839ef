import EnvoyAPI
import SwiftProtobuf

/// What a proxy does with a call.
package func simulation(
    of call: Call, through configuration: ProxyConfiguration, policy: SimulationPolicy = .envoy
) -> Simulation {
    var walk = Walk(call: call, configuration: configuration, policy: policy)
    walk.run()
    return walk.result
}

/// A call on its way.
private struct Walk {
    let call: Call
    let configuration: ProxyConfiguration
    let policy: SimulationPolicy
    var result = Simulation()

    init(call: Call, configuration: ProxyConfiguration, policy: SimulationPolicy) {
        self.call = call
        self.configuration = configuration
        self.policy = policy
    }

    mutating func run() {
        guard let (listener, reason) = configuration.listener(for: call, policy: policy) else {
            return fail(.noListener, .listener, "no listener is on \(call.address):\(call.port), or on its port")
        }
        result.listener = listener.name
        step(.listener, listener.name, reason, origin: StepOrigin(listener.metadata))
        guard let (chain, seen) = chosenChain(of: listener) else { return }
        result.filterChain = chain.name

        let termination = TLSTermination(chain)
        let error = termination.error(for: call, policy: policy)
        if let error { return fail(error, .tls, termination.words(for: call, error: error)) }
        if termination.ends || call.security != .plaintext {
            step(.tls, "", termination.words(for: call, error: nil))
        }
        let passesTLS = call.security != .plaintext && !termination.ends
        for filter in chain.filters {
            if let manager: HTTPConnectionManager = filter.typedConfig.unpacked() {
                return takeRequest(manager, passesTLS: passesTLS)
            }
            if let proxy: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy = filter.typedConfig.unpacked() {
                return takeConnection(proxy, chain: chain, seen: seen)
            }
            guard policy.evaluatesPolicies else { continue }
            if let rules: Envoy_Extensions_Filters_Network_Rbac_V3_RBAC = filter.typedConfig.unpacked(),
                isRefused([rules.verdict(named: filter.name, on: call)])
            {
                return
            }
        }
        result.outcome = .closed("the chain has no filter that takes the connection further")
        step(.filterChain, chain.name, "it has no filter that takes the connection further")
    }

    private mutating func chosenChain(
        of listener: Envoy_Config_Listener_V3_Listener
    ) -> (FilterChain, Inspection)? {
        let seen = Inspection(of: call, by: listener, policy: policy)
        let choice = FilterChainChoice(for: call, seen: seen, in: listener, policy: policy)
        guard choice.chains.count <= 1 else {
            fail(.multipleFilterChains, .filterChain, "\(choice.chains.count) chains match: \(choice.words)")
            return nil
        }
        if let chain = choice.chains.first {
            step(
                .filterChain, chain.name, choice.words, passedOver: choice.passedOver,
                origin: StepOrigin(chain.metadata))
            return (chain, seen)
        }
        guard listener.hasDefaultFilterChain else {
            fail(.noFilterChain, .filterChain, "no chain is left: \(choice.words)", passedOver: choice.passedOver)
            return nil
        }
        let chain = listener.defaultFilterChain
        step(
            .filterChain, chain.name, "the default, for no other is left: \(choice.words)",
            passedOver: choice.passedOver, origin: StepOrigin(chain.metadata))
        return (chain, seen)
    }

    // MARK: Connections

    private mutating func takeConnection(
        _ proxy: Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy, chain: FilterChain, seen: Inspection
    ) {
        let origin = StepOrigin(chain.metadata)
        let namesCluster = chain.filters.contains { $0.name == "envoy.filters.network.sni_cluster" }
        if policy.forwardsByServerName, namesCluster, !seen.serverName.isEmpty {
            return forward([.init(name: call.serverName, weight: 100)], "the server name names it", origin: origin)
        }
        switch proxy.clusterSpecifier {
        case .cluster(let name):
            forward([.init(name: name, weight: 100)], "the chain sends all bytes there", origin: origin)
        case .weightedClusters(let weighted):
            forward(
                weighted.clusters.map { .init(name: $0.name, weight: Int($0.weight)) },
                "the chain divides connections by weight", origin: origin)
        case nil: result.outcome = .closed("the chain names no cluster")
        }
    }

    // MARK: Requests

    private mutating func takeRequest(_ manager: HTTPConnectionManager, passesTLS: Bool) {
        if passesTLS { return fail(.content, .routes, "TLS arrives where the chain expects HTTP") }
        if call.content == .tcp { return fail(.content, .routes, "the chain expects HTTP") }
        result.isRequest = true
        let routes: Envoy_Config_Route_V3_RouteConfiguration
        switch manager.routeSpecifier {
        case .routeConfig(let inline): routes = inline
        case .rds(let rds):
            result.routeConfiguration = rds.routeConfigName
            routes = configuration.routes[rds.routeConfigName] ?? .init()
            let words =
                configuration.routes[rds.routeConfigName] == nil ? "there are no such routes" : "the chain asks for it"
            step(.routes, rds.routeConfigName, words)
        case .scopedRoutes, nil: routes = .init()
        }
        route(routes, manager)
    }

    private mutating func route(
        _ routes: Envoy_Config_Route_V3_RouteConfiguration, _ manager: HTTPConnectionManager
    ) {
        var call = call
        if policy.looksBeyondPath { call.host = manager.host(of: call) }
        guard let (host, domain) = routes.virtualHost(for: call.host) else {
            if isRefused(by: manager, overrides: [routes.typedPerFilterConfig]) { return }
            result.outcome = .answered(status: 404, detail: "no virtual host")
            return fail(.noVirtualHost, .virtualHost, "no domain matches host \"\(call.host)\"")
        }
        result.virtualHost = host.name
        step(
            .virtualHost, host.name, "its domain \(domain) matches host \"\(call.host)\"",
            origin: StepOrigin(host.metadata))
        if host.requireTls == .all, call.security == .plaintext {
            result.outcome = .answered(status: 301, detail: "redirect to https")
            return fail(.tlsRedirect, .virtualHost, "it takes only TLS, and redirects all else")
        }
        let settings = PathSettings(ignoresParameters: routes.ignorePathParametersInPathMatching)
        let (chosen, passedOver) = host.route(for: call, policy: policy, settings: settings)
        guard let route = chosen else {
            if isRefused(by: manager, overrides: [host.typedPerFilterConfig, routes.typedPerFilterConfig]) { return }
            result.outcome = .answered(status: 404, detail: "no route")
            return fail(.noRoute, .route, "no route matches", passedOver: passedOver)
        }
        result.route = route.name
        step(
            .route, route.name, (["matches \(route.match.words)"] + route.changes(for: call)).joined(separator: "; "),
            passedOver: passedOver, origin: StepOrigin(route.metadata))
        let overrides = [route.typedPerFilterConfig, host.typedPerFilterConfig, routes.typedPerFilterConfig]
        if isRefused(by: manager, overrides: overrides) { return }
        result.outcome = route.outcome(for: call)
        result.forwardedHost = route.rewrittenHost(of: call) ?? call.host
        result.forwardedPath = route.rewrittenPath(of: call) ?? call.path
        if case .forwarded(let clusters) = result.outcome { forward(clusters, "the route names it") }
    }

    private mutating func isRefused(
        by manager: HTTPConnectionManager, overrides: [[String: Google_Protobuf_Any]]
    ) -> Bool {
        guard policy.evaluatesPolicies else { return false }
        return isRefused(HTTPFilterChain(filters: manager.httpFilters, overrides: overrides).verdicts(on: call))
    }

    private mutating func isRefused(_ verdicts: [PolicyVerdict]) -> Bool {
        result.steps += verdicts.compactMap(\.step)
        guard let refusal = verdicts.lazy.compactMap(\.refusal).first else { return false }
        result.outcome = refusal
        return true
    }

    // MARK: What is told

    private mutating func forward(
        _ clusters: [Simulation.WeightedCluster], _ reason: String, origin: StepOrigin? = nil
    ) {
        result.outcome = .forwarded(clusters)
        if clusters.count == 1, let only = clusters.first { result.cluster = only.name }
        for cluster in clusters {
            let share = clusters.count == 1 ? "" : ", weight \(cluster.weight)"
            let known = configuration.clusters[cluster.name]
            let absence = known == nil ? "; there is no such cluster" : ""
            step(
                .cluster, cluster.name, reason + share + absence,
                origin: known.flatMap { StepOrigin($0.metadata) } ?? origin)
        }
    }

    private mutating func step(
        _ kind: SimulationStep.Kind, _ name: String, _ reason: String, passedOver: [String] = [],
        origin: StepOrigin? = nil
    ) {
        result.steps.append(SimulationStep(kind, name, reason, passedOver: passedOver, origin: origin))
    }

    private mutating func fail(
        _ error: SimulationError, _ kind: SimulationStep.Kind, _ reason: String, passedOver: [String] = []
    ) {
        result.error = error
        if result.outcome == .closed("") { result.outcome = .closed(reason) }
        step(kind, "", reason, passedOver: passedOver)
    }
}

private typealias HTTPConnectionManager =
    Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager

extension HTTPConnectionManager {
    /// A call's host, less the port where that is to be taken off.
    fileprivate func host(of call: Call) -> String {
        let bare = call.host.withoutPort
        if stripAnyHostPort || (stripMatchingHostPort && call.host == "\(bare):\(call.port)") { return bare }
        return call.host
    }
}

extension FilterChainChoice {
    /// The criteria that decided.
    fileprivate var words: String {
        reasons.isEmpty ? "it is the only one that matches" : reasons.joined(separator: ", ")
    }
}
