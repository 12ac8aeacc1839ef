import MeshModel

extension EgressListener {
    /// Its clients name hosts with their ports, whatever the port they call: an HTTP proxy, or a Unix socket.
    var isProxy: Bool { port.map { $0.number == 0 || $0.meshProtocol == .httpProxy } ?? false }
}

extension SidecarVirtualHosts {
    /// The routes of the listener that MeshConfig's `proxyHttpPort` asks for.
    static let proxyRoutes = "http_proxy"

    /// The routes of an HTTP proxy, with the virtual hosts of all ports. A host without a port means port 80.
    func proxyConfiguration(named name: String, targets: [OutboundServices.Port]) -> RouteConfigurationInput {
        let byNumber = Dictionary(grouping: targets, by: \.port.number).sorted { $0.key < $1.key }
        let hosts = byNumber.flatMap { number, targets in
            virtualHosts(port: number, targets: targets).map { host in
                var host = host
                let complete = host.domains.map { "\($0):\(number)" }
                host.domains = number == 80 ? host.domains + complete : complete
                return host
            }
        }
        return RouteConfigurationInput(
            name: name, virtualHosts: hosts.sorted { $0.name < $1.name }, fallback: mesh.fallback(in: scope).routes,
            ignoresPorts: false)
    }
}

extension OutboundListeners {
    /// The listener of an HTTP proxy on the proxy's own address, where the mesh has one.
    func proxyListener(otherwise: String) -> OutboundListenerInput? {
        guard mesh.httpProxyPort != 0 else { return nil }
        let listener = OutboundListenerInput(
            addresses: [families.localhost], port: mesh.httpProxyPort,
            traffic: .http(routes: SidecarVirtualHosts.proxyRoutes, otherwise: otherwise), bindsToPort: true,
            settings: settings)
        return inputs.contains { $0.name == listener.name } ? nil : listener
    }
}
