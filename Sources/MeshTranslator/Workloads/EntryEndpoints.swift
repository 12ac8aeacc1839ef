package import MeshModel

/// Who serves each port of a ServiceEntry's host, by the port's name.
///
/// - Parameters:
///   - pods: Those that it selects.
///   - entries: The WorkloadEntries that it selects.
package func serviceEntryEndpoints(
    _ entry: ServiceEntry, host: String, pods: [Workload] = [], entries: [WorkloadEntry] = []
) -> [String: [Endpoint]] {
    var endpoints = (entry.endpoints + entries).endpoints(of: entry.ports)
    for port in entry.ports {
        guard case .number(let target) = port.target else { continue }
        // The host itself is looked up where nothing else is said.
        if entry.endpoints.isEmpty, entry.workloadSelector == nil, entry.looksUpHosts, !host.hasPrefix("*") {
            endpoints[port.name, default: []].append(Endpoint(address: host, port: target))
        }
        for pod in pods where !pod.isBeingDeleted {
            guard let address = pod.addresses.first else { continue }
            var endpoint = Endpoint(address: address, port: target, health: pod.isReady ? .ready : .unready)
            endpoint.describe(pod)
            endpoints[port.name, default: []].append(endpoint)
        }
    }
    return endpoints
}

extension ServiceEntry {
    fileprivate var looksUpHosts: Bool { resolution == .dns || resolution == .dnsRoundRobin }
}

extension [WorkloadEntry] {
    /// As endpoints of a service's ports, by the ports' names: an entry's own number for a port counts first, then the
    /// service's target.
    func endpoints(of ports: [ServicePort]) -> [String: [Endpoint]] {
        var byPort: [String: [Endpoint]] = [:]
        for port in ports {
            for entry in self {
                switch (entry.ports[port.name], port.target) {
                case (let number?, _), (nil, .number(let number)):
                    byPort[port.name, default: []].append(entry.endpoint(port: number))
                case (nil, .name(let name)):
                    guard let number = entry.ports[name] else { continue }
                    byPort[port.name, default: []].append(entry.endpoint(port: number))
                }
            }
        }
        return byPort
    }
}
