import MeshModel

/// Services that are called through listeners of their own: all, or those of one egress listener of a Sidecar.
struct OutboundGroup {
    /// Nil: as it is without a Sidecar.
    var listener: EgressListener?
    /// What these listeners have in reach.
    var scope: OutboundScope
    var services: OutboundServices
    var bindsToPort: Bool

    /// The addresses that a Sidecar says; nil: as the services have them.
    func boundAddresses(_ families: AddressFamilies) -> [String]? {
        if let listener, !listener.bind.isEmpty { return [listener.bind] }
        return bindsToPort ? [families.localhost] : nil
    }
}

extension OutboundServices {
    /// The services of each egress listener, in order; one group of all without any.
    func groups(
        in scope: OutboundScope, of snapshot: MeshSnapshot, interceptionMode: InterceptionMode
    ) -> [OutboundGroup] {
        let captures = interceptionMode != .none
        guard !scope.listeners.isEmpty else {
            return [OutboundGroup(listener: nil, scope: scope, services: self, bindsToPort: !captures)]
        }
        return scope.listeners.map { listener in
            let own = scope.scope(of: listener)
            var services = OutboundServices(visibleTo: own, in: snapshot)
            if let port = listener.port, !listener.isProxy { services.keepPorts(numbered: port.number) }
            return OutboundGroup(
                listener: listener, scope: own, services: services, bindsToPort: listener.bindsToPort || !captures)
        }
    }
}
