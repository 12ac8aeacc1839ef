package import MeshModel

/// An address and port that services would be called by who cannot be told apart there: the older one has it.
package struct ListenerConflict: Hashable, Sendable {
    /// Who comes too late, and who was there before.
    package enum Kind: Hashable, Sendable, CaseIterable {
        case httpOverTCP
        case tcpOverHTTP
        case tcpOverTCP
    }

    package var kind: Kind
    package var address: String
    package var port: Int

    package init(_ kind: Kind, address: String, port: Int) {
        self.kind = kind
        self.address = address
        self.port = port
    }
}

/// Where the services that clients call are in each other's way.
///
/// - Parameter ports: Of the services; nil: all.
package func listenerConflicts(
    for traits: OutboundTraits, ports: Set<Int>? = nil, in snapshot: MeshSnapshot,
    settings: TranslationSettings = .init()
) -> Set<ListenerConflict> {
    guard !traits.isRouter else { return [] }
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot)
    var listeners = OutboundListeners(for: traits, in: snapshot, settings)
    for var group in services.groups(in: traits.scope, of: snapshot, interceptionMode: traits.interceptionMode) {
        if let ports { group.services.keepPorts(numbered: ports) }
        var own = traits
        own.scope = group.scope
        let hosts = SidecarVirtualHosts(group.services, for: own, in: snapshot)
        _ = listeners.add(group, connections: hosts.connections)
    }
    return listeners.conflicts
}
