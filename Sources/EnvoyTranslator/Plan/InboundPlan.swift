package import MeshModel

/// What a sidecar has for calls to its own workload.
package func inboundPlan(
    for view: ProxyView, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) -> ResourcePlan {
    let mesh = snapshot.settings
    let families = view.addressFamilies
    let traffic = TrafficSettings(
        mesh: mesh, acceptsHTTP10: view.acceptsHTTP10, source: settings.sources.resources)
    let inbound = InboundPorts(view)
    var plan = ResourcePlan()
    plan.clusters =
        inbound.clusters(mesh: mesh, families: families, sources: settings.sources).map { .inboundCluster($0) } + [
            .fixedCluster(
                .inboundPassthrough,
                ClusterSettings(mesh: mesh, families: families, source: settings.sources.resources))
        ]
    plan.listeners = [
        .virtualInbound(
            VirtualInboundInput(
                port: mesh.inboundPort, families: families, ports: inbound.listenerPorts,
                inboundTLS: settings.inboundTLS, tls: mesh.mutualTLS(settings.sources),
                isTransparent: view.interceptionMode == .tproxy, settings: traffic))
    ]
    return plan.sorted()
}

/// The ports of a workload that services declare, each once: the oldest service decides what it speaks.
struct InboundPorts {
    struct Port {
        var number: Int
        /// The oldest service first.
        var instances: [ServiceInstance]
        var first: ServiceInstance
    }

    let ports: [Port]

    init(_ view: ProxyView) {
        let carried = view.inbound.filter { $0.port.meshProtocol.isCarried }
        ports = Dictionary(grouping: carried, by: \.targetPort).sorted { $0.key < $1.key }
            .compactMap { number, instances in
                instances.first.map { Port(number: number, instances: instances, first: $0) }
            }
    }

    func clusters(
        mesh: MeshSettings, families: AddressFamilies, sources: ConfigSources
    ) -> [InboundClusterInput] {
        let settings = ClusterSettings(mesh: mesh, families: families, source: sources.resources)
        return ports.map { port in
            InboundClusterInput(
                port: port.number,
                target: mesh.inboundPolicy == .passthrough ? .originalDestination : .localhost,
                upstream: .init(port.first.port.meshProtocol, upgradesToHTTP2: false),
                services: port.services, settings: settings)
        }
    }

    var listenerPorts: [VirtualInboundInput.Port] {
        ports.map { port in
            .init(
                number: port.number, traffic: .init(port.first.port.meshProtocol),
                operation: "\(port.first.service.hostname):\(port.first.port.number)/*")
        }
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
}

extension InboundTraffic {
    init(_ meshProtocol: MeshProtocol) {
        self = meshProtocol.isHTTP ? .http : meshProtocol.isSniffed ? .sniffed : .tcp
    }
}
