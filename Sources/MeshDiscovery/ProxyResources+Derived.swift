import EnvoyTranslator
import MeshModel
import XDSServer

extension PlanKey {
    /// The plan that this one has most in common with, as plans for clients of other namespaces have; nil if there is none.
    func common(in snapshot: MeshSnapshot) -> PlanKey? {
        switch self {
        case .outbound(let traits): traits.common(in: snapshot).map { .outbound($0) }
        case .endpoints(let scope, let labels, let preference):
            scope.common.map { .endpoints($0, labels, preference) }
        case .inbound, .router, .routerEndpoints, .proxyless, .proxylessEndpoints, .proxylessServer: nil
        }
    }
}

extension ProxyResources {
    /// What a plan has otherwise than the one it has most in common with.
    ///
    /// - Parameter calls: What has changed since it was looked at; nil: anything may have.
    mutating func ownPart(of key: PlanKey, on common: PlanKey, _ calls: CallEdit?) -> OwnPart {
        var part = OwnPart()
        switch (key, common) {
        case (.outbound(let traits), .outbound(let others)):
            let difference = NamespaceDifference(traits.scope.namespace, rules, index, in: snapshot)
            part.hosts = difference.hosts
            if !difference.hosts.isEmpty {
                let mesh = index.mesh(snapshot, ofHosts: difference.hosts)
                part.take(
                    outboundClusters(for: traits, in: mesh, settings: settings),
                    insteadOf: outboundClusters(for: others, in: mesh, settings: settings))
            }
            if difference.seesOthers {
                part.take(
                    [outboundNameTable(for: traits, in: snapshot)].compactMap(\.self),
                    insteadOf: inputs(of: common, .nameTable))
            }
            part.ports = takeLocalRoutes(of: key, traits, on: common, except: difference.ports, calls, &part)
            takePorts(part.ports, of: traits, on: common, &part)
            takeSettings(of: traits, insteadOf: others, on: common, &part)
        case (.endpoints(let scope, _, _), .endpoints):
            part.hosts = NamespaceDifference(scope.namespace, rules, index, in: snapshot).hosts
            if !part.hosts.isEmpty {
                let mesh = index.mesh(snapshot, ofHosts: part.hosts)
                part.take(key.inputs(in: mesh, settings), insteadOf: common.inputs(in: mesh, settings))
            }
        default: break
        }
        return part
    }

    /// Takes the routes of ports with the names by which the namespace's own services are called within it.
    ///
    /// - Parameter ports: That are planned apart.
    /// - Returns: Those, and others that have to be: where such a name means something else already.
    private mutating func takeLocalRoutes(
        of key: PlanKey, _ traits: OutboundTraits, on common: PlanKey, except ports: Set<Int>, _ calls: CallEdit?,
        _ part: inout OwnPart
    ) -> Set<Int> {
        var apart = ports
        var known: Set<Int> = []
        if let calls, let former = derived[key] {
            for own in former.ownRoutes {
                guard let port = Int(own.name), !apart.contains(port), !former.ports.contains(port) else { continue }
                let routes = calls.ports.contains(port) ? updated(own, port, for: traits, on: common, calls) : own
                guard let routes else { continue }
                known.insert(port)
                part.take([.routeConfiguration(routes)], insteadOf: [])
            }
            // All others are as they were, but for those.
            let rest = calls.ports.union(former.ports).subtracting(known).subtracting(apart)
            if rest.isEmpty { return apart }
            known = Set(former.ownRoutes.compactMap { Int($0.name) }).subtracting(rest).union(known)
        }
        for (port, services) in localServices(of: traits) where !apart.contains(port) && !known.contains(port) {
            guard let planned = plans[common]?[.route, "\(port)"], case .routeConfiguration(let routes) = planned.input
            else { continue }
            counted.virtualHosts += services.count
            let localized = routes.localized(
                for: traits.scope, services: services, taken: planned.unqualifiedDomains,
                clusterDomain: snapshot.settings.clusterDomain)
            if let localized {
                part.take([.routeConfiguration(localized)], insteadOf: [planned.input])
            } else {
                apart.insert(port)
            }
        }
        return apart
    }

    /// By port, the services that clients call by short names.
    private func localServices(of traits: OutboundTraits) -> [Int: [MeshService]] {
        var local: [Int: [MeshService]] = [:]
        for service in index.local(in: traits.scope.namespace, of: snapshot) {
            for port in service.routedPorts { local[port, default: []].append(service) }
        }
        return local
    }

    /// Routes of a port after those that all have in common have changed for a few hosts; nil if that cannot be told
    /// without all others.
    private mutating func updated(
        _ routes: RouteConfigurationInput, _ port: Int, for traits: OutboundTraits, on common: PlanKey,
        _ calls: CallEdit
    ) -> RouteConfigurationInput? {
        guard let theirs = portRoutes[common]?[port],
            case .routeConfiguration(let planned)? = plans[common]?[
                .route, "\(port)"]?.input, theirs.input == planned
        else { return nil }
        var made = 0
        let updated = routes.updated(calls.hosts, from: theirs.input) { name, host in
            // What is called without a dot by all may be in the way of a short name.
            guard !host.domains.contains(where: theirs.unqualifiedDomains.contains) else { return nil }
            guard let service = index.local(name, in: traits.scope.namespace, of: snapshot),
                service.routedPorts.contains(port)
            else { return host }
            made += 1
            return host.localized(
                for: traits.scope, service: service, port: port, taken: theirs.unqualifiedDomains,
                clusterDomain: snapshot.settings.clusterDomain)
        }
        counted.virtualHosts += made
        return updated
    }

    /// Takes the listeners and routes of ports that are the namespace's own.
    private mutating func takePorts(
        _ own: Set<Int>, of traits: OutboundTraits, on common: PlanKey, _ part: inout OwnPart
    ) {
        guard !own.isEmpty else { return }
        let others = (inputs(of: common, .listener) + inputs(of: common, .route)).filter {
            $0.calledPort.map(own.contains) ?? false
        }
        let planned = outboundPortPlan(for: traits, ports: own, in: snapshot, settings: settings)
        count(planned.listeners + planned.routes)
        part.take(planned.listeners + planned.routes, insteadOf: others)
    }

    /// The listeners that are the same but for what all listeners of the namespace have.
    private func takeSettings(
        of traits: OutboundTraits, insteadOf others: OutboundTraits, on common: PlanKey, _ part: inout OwnPart
    ) {
        let own = traits.listenerSettings(in: snapshot, settings: settings)
        guard own != others.listenerSettings(in: snapshot, settings: settings) else { return }
        let known = Set((part.inputs[.listener] ?? [:]).keys).union(part.absent[.listener] ?? [])
        let listeners = inputs(of: common, .listener).filter { !known.contains($0.name) }
        part.take(listeners.map { $0.with(own) ?? $0 }, insteadOf: listeners)
        part.take(own.extensionConfigs, insteadOf: inputs(of: common, .extensionConfig))
    }

    private func inputs(of key: PlanKey, _ type: TypeURL) -> [ResourceInput] {
        plans[key]?.resources(of: type).map(\.input) ?? []
    }
}

extension MeshService {
    /// The numbers of the ports whose requests are routed.
    fileprivate var routedPorts: Set<Int> {
        Set(ports.filter { $0.meshProtocol.isHTTP || $0.meshProtocol.isSniffed }.map(\.number))
    }
}
