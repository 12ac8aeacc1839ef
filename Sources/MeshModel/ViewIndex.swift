import KubernetesModel

/// A snapshot, ready for many proxies to be looked up in: what a namespace has is found without a look at all others.
package struct ViewIndex: Sendable {
    package let snapshot: MeshSnapshot
    private var services: [String: [ServiceKey]] = [:]
    /// The older first.
    private var sidecars: [String: [Sidecar]] = [:]

    package init(_ snapshot: MeshSnapshot) {
        self.snapshot = snapshot
        for key in snapshot.services.keys { services[key.namespace, default: []].append(key) }
        for sidecar in snapshot.configuration.sidecars.values {
            sidecars[sidecar.origin.namespace, default: []].append(sidecar)
        }
        sidecars = sidecars.mapValues { $0.sorted { $0.origin < $1.origin } }
    }

    /// What a proxy can see.
    package func view(of proxy: Proxy) -> ProxyView {
        var view = ProxyView(proxy, inbound: instances(of: proxy))
        view.outbound.usesAllocatedAddresses = usesAllocatedAddresses(proxy)
        if !snapshot.topology.isOfOneCluster { view.outbound.clusterID = proxy.clusterID }
        if let sidecar = sidecar(for: proxy) {
            view.outbound.scope(by: sidecar)
            view.ingress = sidecar.ingress.map { listener in
                var listener = listener
                if listener.bind.isEmpty { listener.bind = proxy.inboundAddress }
                return listener
            }
            view.inboundConnectionPool = sidecar.inboundConnectionPool
        }
        let keys = snapshot.configuration.patchedMetadataKeys
        if !keys.isEmpty {
            view.patchedMetadata = (proxy.metadata.object ?? [:]).filter { keys.contains($0.key) }
                .compactMapValues(\.string)
        }
        return view
    }

    /// The Sidecar that counts for a proxy: the oldest of its namespace that selects it, else the one of its namespace, else
    /// that of the root namespace.
    package func sidecar(for proxy: Proxy) -> Sidecar? {
        guard proxy.kind == .sidecar, !sidecars.isEmpty else { return nil }
        let own = sidecars[proxy.namespace] ?? []
        return own.first { !$0.workloadSelector.isEmpty && $0.selects(proxy.labels) }
            ?? own.first { $0.workloadSelector.isEmpty }
            ?? sidecars[snapshot.settings.rootNamespace]?.first { $0.workloadSelector.isEmpty }
    }

    private func usesAllocatedAddresses(_ proxy: Proxy) -> Bool {
        proxy.isOn("DNS_CAPTURE") && (snapshot.settings.recordsAllocatedAddresses || proxy.isOn("DNS_AUTO_ALLOCATE"))
    }

    /// The ports of services that a proxy's own workload serves, the older service first: those of which it is an
    /// endpoint, and those that select its labels, even if their endpoints are not told yet.
    package func instances(of proxy: Proxy) -> [ServiceInstance] {
        guard proxy.kind != .ztunnel else { return [] }
        let workload = proxy.addresses.lazy.compactMap { snapshot.workloads[$0] }.first
        let labels = workload?.labels ?? proxy.labels
        let namespace = workload?.namespace ?? proxy.workloadNamespace
        var served: [(service: MeshService, instances: [ServiceInstance])] = []
        for service in (services[namespace] ?? []).lazy.compactMap({ snapshot.services[$0] })
        where !service.isExternalName {
            let isSelected =
                !service.selector.isEmpty && service.selector.allSatisfy { labels[$0.key] == $0.value }
            let instances = service.ports.compactMap { port -> ServiceInstance? in
                let own = servedPort(port, of: service, at: proxy.addresses)
                let selected = isSelected ? targetPort(of: port, on: workload) : nil
                return (own ?? selected).map { target in
                    ServiceInstance(
                        service: service.key, serviceName: service.name, port: port, targetPort: target)
                }
            }
            if !instances.isEmpty { served.append((service, instances)) }
        }
        return served.sorted { MeshService.isOlder($0.service, $1.service) }.flatMap(\.instances)
    }

    private func servedPort(_ port: ServicePort, of service: MeshService, at addresses: [String]) -> Int? {
        snapshot.endpoints(of: service.key, port: port).endpoints.first { addresses.contains($0.address) }?.port
    }

    private func targetPort(of port: ServicePort, on workload: Workload?) -> Int? {
        switch port.target {
        case .number(let number): number
        case .name(let name): workload?.namedPorts[name]
        }
    }
}

extension Proxy {
    /// By which ports of its own are known: the first address that others can call.
    fileprivate var inboundAddress: String {
        addresses.first { IPAddress($0)?.isGlobalUnicast ?? false } ?? (addressFamilies == .ipv6 ? "::" : "0.0.0.0")
    }
}

extension OutboundScope {
    /// Takes over what a Sidecar says of calls to others.
    fileprivate mutating func scope(by sidecar: Sidecar) {
        outboundPolicy = sidecar.outboundPolicy
        guard !sidecar.egress.isEmpty else { return }
        let listeners = sidecar.egress.map { listener in
            EgressListener(
                port: listener.port, bind: listener.bind, bindsToPort: listener.bindsToPort,
                hosts: Set(listener.hosts.compactMap { HostImport($0, in: namespace) }).sorted())
        }
        egress = .hosts(Set(listeners.flatMap(\.hosts)).sorted())
        // What a listener without anything special leaves out, it leaves out for all.
        self.listeners = listeners.count == 1 && listeners[0].isPlain ? [] : listeners
    }
}

extension MeshSnapshot {
    /// What a proxy can see. For more than one proxy make a ``ViewIndex`` once.
    package func view(of proxy: Proxy) -> ProxyView { ViewIndex(self).view(of: proxy) }

    /// The ports of services that a proxy's own workload serves. For more than one proxy make a ``ViewIndex`` once.
    package func instances(of proxy: Proxy) -> [ServiceInstance] { ViewIndex(self).instances(of: proxy) }
}
