import MeshModel

/// The ports of a workload that are taken in, each once: those that services declare, of which the oldest decides what is
/// spoken, or instead those that a Sidecar names.
struct InboundPorts {
    struct Port {
        var number: Int
        var meshProtocol: MeshProtocol
        /// The oldest service first.
        var instances: [ServiceInstance]
        /// Nil where no Sidecar names the port.
        var listener: IngressListener?
        var target: InboundClusterInput.Target
        var bindsToPort: Bool
    }

    let ports: [Port]
    private let view: ProxyView
    private let mesh: MeshSettings
    private let sources: ConfigSources
    private let inboundTLS: InboundTLS

    init(_ view: ProxyView, inboundTLS: InboundTLS, mesh: MeshSettings, sources: ConfigSources) {
        self.view = view
        self.inboundTLS = inboundTLS
        self.mesh = mesh
        self.sources = sources.beside(view.secretSockets)
        let carried = view.inbound.filter { $0.port.meshProtocol.isCarried }
        let declared = Dictionary(grouping: carried, by: \.targetPort)
        let capturesNothing = view.interceptionMode == .none
        guard view.ingress.isEmpty else {
            ports = view.ingress.sorted { $0.number < $1.number }.map { listener in
                Port(
                    number: listener.number, meshProtocol: listener.meshProtocol,
                    instances: declared[listener.number] ?? [], listener: listener,
                    target: listener.clusterTarget(capturesNothing: capturesNothing),
                    bindsToPort: listener.bindsToPort || capturesNothing)
            }
            return
        }
        let isLocal = mesh.inboundPolicy == .localhost || capturesNothing
        ports = declared.sorted { $0.key < $1.key }.compactMap { number, instances in
            instances.first.map {
                Port(
                    number: number, meshProtocol: $0.port.meshProtocol, instances: instances, listener: nil,
                    target: isLocal ? .localhost(port: number) : .originalDestination(), bindsToPort: capturesNothing)
            }
        }
    }

    func clusters(in snapshot: MeshSnapshot) -> [InboundClusterInput] {
        let settings = ClusterSettings(mesh: mesh, families: view.addressFamilies, source: sources.resources)
        return ports.map { port in
            var input = InboundClusterInput(
                port: port.number, target: port.target,
                upstream: .init(port.spoken(endsTLS: endsTLS(of: port)), upgradesToHTTP2: false),
                services: port.services, pool: port.listener?.connectionPool ?? view.inboundConnectionPool,
                statisticsName: "", settings: settings)
            guard let first = port.instances.first else { return input }
            input.pool = input.pool ?? snapshot.inboundPool(for: first)
            input.statisticsName = StatisticsPattern(pattern: mesh.inboundClusterStatName).name(
                host: first.service.hostname, service: first.serviceName, namespace: first.service.namespace,
                port: first.port, target: port.number)
            return input
        }
    }

    var listenerPorts: [VirtualInboundInput.Port] {
        ports.map { port in
            let tls = endsTLS(of: port) ? port.listener?.tls : nil
            var taken = VirtualInboundInput.Port(
                number: port.number, traffic: .init(port.spoken(endsTLS: tls != nil)), operation: port.operation,
                servicePort: port.calledPort, bind: port.listener?.bind,
                bindsToPort: port.bindsToPort,
                tls: tls.map { ServerTLSInput($0, mesh: mesh, sources: sources) })
            taken.store = StoreProtocol(port.meshProtocol)
            return taken
        }
    }

    /// Where the mesh's own TLS is not disabled that counts alone, and what is inside is what the application gets.
    private func endsTLS(of port: Port) -> Bool {
        port.listener?.tls != nil && mesh.endsTLSOfSidecarIngress && inboundTLS.mode(of: port.number) == .disable
    }
}

extension InboundPorts.Port {
    /// Each service once.
    fileprivate var services: [InboundClusterInput.Service] {
        var known: Set<ServiceKey> = []
        return instances.filter { known.insert($0.service).inserted }.map {
            .init(host: $0.service.hostname, name: $0.serviceName, namespace: $0.service.namespace)
        }
    }

    /// The port that clients call, where it is no Sidecar that says what is taken in.
    fileprivate var calledPort: Int? { listener == nil ? instances.first?.port.number : nil }

    /// What traces call it.
    fileprivate var operation: String {
        guard let first = instances.first else { return "\(listener?.name ?? ""):\(number)/*" }
        return "\(first.service.hostname):\(first.port.number)/*"
    }

    /// What is spoken once TLS is ended, if it is.
    fileprivate func spoken(endsTLS: Bool) -> MeshProtocol {
        guard endsTLS else { return meshProtocol }
        return switch meshProtocol {
        case .https: .http
        case .tls: .tcp
        default: meshProtocol
        }
    }
}

extension IngressListener {
    fileprivate func clusterTarget(capturesNothing: Bool) -> InboundClusterInput.Target {
        switch target {
        // Who listens on the port itself would call itself.
        case .original: bindsToPort || capturesNothing ? .localhost(port: number) : .originalDestination()
        case .instance(let port): .originalDestination(port: port == number ? nil : port)
        case .localhost(let port): .localhost(port: port)
        case .socket(let path): .socket(path)
        }
    }
}
