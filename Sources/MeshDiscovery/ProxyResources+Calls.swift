import EnvoyTranslator
import MeshModel
import XDSServer

extension PlanKey {
    /// Whether it is for clients in no namespace: others have it in common.
    var isCommon: Bool {
        switch self {
        case .outbound(let traits): !traits.isRouter && traits.scope.isCommon
        case .endpoints(let scope, _, _): scope.isCommon
        case .inbound, .router, .routerEndpoints, .proxyless, .proxylessEndpoints, .proxylessServer: false
        }
    }
}

extension ProxyResources {
    /// Plans anew what a plan for clients in no namespace has for calls of a few hosts.
    mutating func patch(_ key: PlanKey, _ calls: CallEdit) -> ResourceEdits {
        guard !calls.isEmpty else { return ResourceEdits() }
        counted.patches += 1
        switch key {
        case .outbound(let traits): return patch(key, of: traits, calls)
        case .endpoints:
            let endpoints = key.inputs(in: calls.callable(calls.after), settings)
            let former = key.inputs(in: calls.callable(calls.before), settings)
            counted.clusters += endpoints.count
            return take(endpoints, gone: former, for: key)
        case .inbound, .router, .routerEndpoints, .proxyless, .proxylessEndpoints, .proxylessServer:
            return ResourceEdits()
        }
    }

    private mutating func patch(_ key: PlanKey, of traits: OutboundTraits, _ calls: CallEdit) -> ResourceEdits {
        func plan(_ mesh: MeshSnapshot) -> OutboundHostPlan {
            outboundPlan(
                for: traits, hosts: calls.hosts, callable: calls.callable, ports: calls.ports, in: mesh,
                settings: settings)
        }
        let (before, after) = (plan(calls.before), plan(calls.after))
        counted.clusters += after.clusters.count
        counted.listeners += after.listeners.count
        var inputs = after.clusters
        var gone = before.clusters
        if !calls.callable.isEmpty, let table = outboundNameTable(for: traits, in: snapshot) { inputs.append(table) }
        // Without capture, listeners of different hosts are in each other's way.
        var whole = traits.interceptionMode == .none ? calls.ports : calls.wholePorts
        for port in calls.ports.subtracting(whole) {
            guard let routes = updatedRoutes(of: port, in: key, calls.hosts, after) else {
                whole.insert(port)
                continue
            }
            inputs += routes
        }
        func isApart(_ input: ResourceInput) -> Bool { input.calledPort.map { !whole.contains($0) } ?? true }
        inputs += (after.listeners + after.routes).filter(isApart)
        gone += (before.listeners + before.routes).filter(isApart)
        if !whole.isEmpty {
            // Also other virtual hosts may be others now.
            for port in whole { portRoutes[key]?[port] = nil }
            let planned = outboundPortPlan(for: traits, ports: whole, in: snapshot, settings: settings)
            count(planned.listeners + planned.routes)
            inputs += planned.listeners + planned.routes
            gone += [.listener, .route].flatMap { plans[key]?.resources(of: $0) ?? [] }.map(\.input)
                .filter { !isApart($0) }
        }
        return take(inputs, gone: gone, for: key)
    }

    /// The routes of a port with other virtual hosts of some hosts; nil if that cannot be told without all others.
    private mutating func updatedRoutes(
        of port: Int, in key: PlanKey, _ hosts: Set<String>, _ plan: OutboundHostPlan
    ) -> [ResourceInput]? {
        let planned = plans[key]?[.route, "\(port)"]
        guard (planned != nil) == index.ports.takesRequests(port) else { return nil }
        guard case .routeConfiguration(let former)? = planned?.input, let own = plan.virtualHosts[port] else {
            return []
        }
        var routes = portRoutes[key]?.removeValue(forKey: port)
        if routes?.input != former { routes = PortRoutes(former) }
        guard routes?.replace(hosts, with: own) ?? false, let routes else { return nil }
        counted.virtualHosts += own.virtualHosts.count
        portRoutes[key, default: [:]][port] = routes
        return [.routeConfiguration(routes.input)]
    }

    /// Sets some resources of a plan, and takes away those that it had instead.
    private mutating func take(_ inputs: [ResourceInput], gone: [ResourceInput], for key: PlanKey) -> ResourceEdits {
        var names: [TypeURL: Set<String>] = [:]
        for input in gone { names[TypeURL(rawValue: input.typeURL), default: []].insert(input.name) }
        for input in inputs { names[TypeURL(rawValue: input.typeURL)]?.remove(input.name) }
        var edits = plans[key]?.patch(with: inputs, &memo) ?? ResourceEdits()
        for (type, names) in names {
            if let removals = plans[key]?.remove(names, of: type) { edits.formUnion(removals) }
        }
        return edits
    }

    /// Counts what was planned.
    mutating func count(_ inputs: [ResourceInput]) {
        for input in inputs {
            switch input {
            case .outboundCluster, .loadAssignment: counted.clusters += 1
            case .outboundListener: counted.listeners += 1
            case .routeConfiguration(let routes): counted.virtualHosts += routes.virtualHosts.count
            default: break
            }
        }
    }
}
