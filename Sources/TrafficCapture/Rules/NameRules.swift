extension CaptureSettings {
    /// Whether any lookup is captured.
    var capturesNames: Bool { names != .none }

    /// The resolvers to capture in a family, as matches that follow the port: one that matches all for all lookups.
    private func resolvers(_ family: AddressFamily) -> [String?] {
        switch names {
        case .none: []
        case .all: [nil]
        case .servers(let servers): servers.filter { $0.family == family }.map(\.description)
        }
    }

    /// Brings lookups to the agent's resolver.
    func captureNames(_ writer: inout RuleWriter) {
        let resolvers = resolvers(writer.family)
        guard !resolvers.isEmpty else { return }
        writer.append(.nat, .outbound, [], .jump(.names))
        for transport in [PacketMatch.TransportProtocol.tcp, .udp] {
            for resolver in resolvers {
                writer.append(
                    .nat, .names,
                    [.transport(transport), .destinationPort(53, negated: false)] + destination(resolver),
                    .redirect(port: namesPort))
            }
        }
    }

    /// Tracks the agent's lookups apart from the application's: both may have the same addresses and ports.
    /// Zone 1 is between agent and resolver, zone 2 between application and agent.
    func separateNameConnections(_ writer: inout RuleWriter) {
        let query: [PacketMatch] = [.transport(.udp), .destinationPort(53, negated: false)]
        writer.append(.raw, .output, [], .jump(.names))
        let owners =
            proxyUsers.map { PacketMatch.user($0, negated: false) }
            + proxyGroups.map { PacketMatch.group($0, negated: false) }
        for owner in owners {
            writer.append(.raw, .names, query + [owner], .conntrackZone(1))
            writer.append(.raw, .names, [.transport(.udp), .sourcePort(namesPort), owner], .conntrackZone(2))
        }
        let resolvers = resolvers(writer.family)
        guard !resolvers.isEmpty else { return }
        writer.append(.raw, .prerouting, [], .jump(.inbound))
        for resolver in resolvers {
            writer.append(.raw, .names, query + destination(resolver), .conntrackZone(2))
            writer.append(
                .raw, .inbound, [.transport(.udp), .sourcePort(53)] + (resolver.map { [.source($0)] } ?? []),
                .conntrackZone(1))
        }
    }

    private func destination(_ resolver: String?) -> [PacketMatch] {
        resolver.map { [.destination($0, negated: false)] } ?? []
    }
}
