extension MeshSnapshot {
    /// What a proxy can see.
    package func view(of proxy: Proxy) -> ProxyView {
        ProxyView(proxy, inbound: instances(of: proxy))
    }

    /// The ports of services that a proxy's own workload serves, the older service first: those of which it is an
    /// endpoint, and those that select its labels, even if their endpoints are not told yet.
    package func instances(of proxy: Proxy) -> [ServiceInstance] {
        guard proxy.kind != .ztunnel else { return [] }
        let workload = proxy.addresses.lazy.compactMap { workloads[$0] }.first
        let labels = workload?.labels ?? proxy.labels
        let namespace = workload?.namespace ?? proxy.workloadNamespace
        let candidates = services.values.filter { $0.namespace == namespace && !$0.isExternalName }
        return candidates.sorted(by: MeshService.isOlder).flatMap { service in
            let isSelected =
                !service.selector.isEmpty && service.selector.allSatisfy { labels[$0.key] == $0.value }
            return service.ports.compactMap { port in
                let served = servedPort(port, of: service, at: proxy.addresses)
                let selected = isSelected ? targetPort(of: port, on: workload) : nil
                return (served ?? selected).map { target in
                    ServiceInstance(
                        service: service.key, serviceName: service.name, port: port, targetPort: target)
                }
            }
        }
    }

    private func servedPort(_ port: ServicePort, of service: MeshService, at addresses: [String]) -> Int? {
        endpoints(of: service.key, port: port).endpoints.first { addresses.contains($0.address) }?.port
    }

    private func targetPort(of port: ServicePort, on workload: Workload?) -> Int? {
        switch port.target {
        case .number(let number): number
        case .name(let name): workload?.namedPorts[name]
        }
    }
}
