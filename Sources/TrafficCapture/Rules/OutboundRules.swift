extension CaptureSettings {
    func captureOutbound(_ writer: inout RuleWriter) {
        writer.append(.nat, .output, [], .jump(.outbound), as: "JumpOutbound")
        // Before connections to itself, so that an excluded port is left alone there too.
        for port in excludedOutboundPorts {
            for transport in [PacketMatch.TransportProtocol.tcp, .udp] {
                writer.append(
                    .nat, .outbound, [.transport(transport), .destinationPort(port, negated: false)], .return)
            }
        }
        writer.append(
            .nat, .outbound, [.outboundInterface("lo"), .source(passthroughSource(writer.family))], .return)
        for user in proxyUsers {
            exempt(PacketMatch.user, user, sparesNames: capturesNames, &writer)
        }
        for group in proxyGroups {
            exempt(PacketMatch.group, group, sparesNames: false, &writer)
        }
        chooseOwners(&writer)
        captureNames(&writer)
        writer.append(.nat, .outbound, [.destination(loopback(writer.family), negated: false)], .return)
        for range in excludedOutboundRanges where range.family == writer.family {
            writer.append(.nat, .outbound, [.destination(range.description, negated: false)], .return)
        }
        for port in outboundPorts {
            writer.append(
                .nat, .outbound, [.transport(.tcp), .destinationPort(port, negated: false)], .jump(.redirect))
        }
        captureRanges(&writer)
    }

    /// The traffic of one owner of the proxy, and that of all others within the Pod.
    private func exempt(
        _ match: (String, Bool) -> PacketMatch, _ owner: String, sparesNames: Bool, _ writer: inout RuleWriter
    ) {
        // The application calls itself by its service: out through the proxy, in through the proxy.
        // A lookup that is answered on the way is not inbound traffic.
        writer.append(
            .nat, .outbound,
            [
                .outboundInterface("lo"), .destination(loopback(writer.family), negated: true), .transport(.tcp),
                sparesNames
                    ? .noneOfDestinationPorts([53, tunnelPort]) : .destinationPort(tunnelPort, negated: true),
                match(owner, false),
            ], .jump(.inboundRedirect))
        // The application calls itself by its own address: not captured, unless that is asked for.
        if !outboundRanges.listed.contains(where: \.isLoopback) {
            let spared: [PacketMatch] =
                capturesNames ? [.transport(.tcp), .destinationPort(53, negated: true)] : []
            writer.append(.nat, .outbound, [.outboundInterface("lo")] + spared + [match(owner, true)], .return)
        }
        // What the proxy sends elsewhere has been captured already.
        writer.append(.nat, .outbound, [match(owner, false)], .return)
    }

    private func chooseOwners(_ writer: inout RuleWriter) {
        switch ownerGroups {
        case .allBut(let groups):
            for group in groups {
                writer.append(.nat, .outbound, [.group(group, negated: false)], .return)
            }
        case .only(let groups):
            writer.append(.nat, .outbound, groups.map { .group($0, negated: true) }, .return)
        }
    }

    private func captureRanges(_ writer: inout RuleWriter) {
        if case .all = outboundRanges {
            writer.append(.nat, .outbound, [], .jump(.redirect))
            for interface in virtualInterfaces {
                writer.prepend(.nat, .prerouting, [.inboundInterface(interface)], .jump(.redirect), as: "Kubevirt")
            }
        }
        for range in outboundRanges.listed where range.family == writer.family {
            let destination = PacketMatch.destination(range.description, negated: false)
            for interface in virtualInterfaces {
                writer.prepend(
                    .nat, .prerouting, [.inboundInterface(interface), destination], .jump(.redirect), as: "Kubevirt")
            }
            writer.append(.nat, .outbound, [destination], .jump(.redirect))
        }
    }
}
