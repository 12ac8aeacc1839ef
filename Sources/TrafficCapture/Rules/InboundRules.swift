extension CaptureSettings {
    /// The mark of packets that leave the proxy for the Pod's own address.
    var outboundMark: UInt32 { mark == 1338 ? 1339 : 1338 }

    private var mangledChains: Bool { mode == .transparentProxy }

    func captureInbound(_ writer: inout RuleWriter) {
        if mangledChains { preventLoops(&writer) }
        guard mode != .none, inboundPorts != .only([]) else { return }
        let table: FilterTable = mangledChains ? .mangle : .nat
        if mangledChains {
            writer.append(.mangle, .divert, [], .setMark(mark))
            writer.append(.mangle, .divert, [], .accept)
            writer.append(
                .mangle, .transparentProxy,
                [.destination(loopback(writer.family), negated: true), .transport(.tcp)],
                .transparentProxy(port: inboundPort, mark: mark))
        }
        writer.append(table, .prerouting, [.transport(.tcp)], .jump(.inbound), as: "JumpInbound")
        if case .all = inboundPorts {
            for port in excludedInboundPorts {
                writer.append(
                    table, .inbound, [.transport(.tcp), .destinationPort(port, negated: false)], .return,
                    as: "ExcludeInboundPort")
            }
            capture([.transport(.tcp)], as: "InboundCapture", &writer)
        }
        for port in inboundPorts.listed {
            capture([.transport(.tcp), .destinationPort(port, negated: false)], as: "IncludeInboundPort", &writer)
        }
    }

    private func capture(_ matches: [PacketMatch], as name: String, _ writer: inout RuleWriter) {
        guard mangledChains else {
            writer.append(.nat, .inbound, matches, .jump(.inboundRedirect), as: name)
            return
        }
        writer.append(
            .mangle, .inbound, matches + [.connectionState(["RELATED", "ESTABLISHED"])], .jump(.divert), as: name)
        writer.append(.mangle, .inbound, matches, .jump(.transparentProxy), as: name)
    }

    /// What the proxy sends to the application, and the application to itself, must not come back to the proxy.
    private func preventLoops(_ writer: inout RuleWriter) {
        writer.append(.mangle, .inbound, [.transport(.tcp), .mark(mark, negated: false)], .return)
        writer.append(
            .mangle, .inbound,
            [.transport(.tcp), .source(passthroughSource(writer.family)), .inboundInterface("lo")], .return)
        writer.append(
            .mangle, .inbound, [.transport(.tcp), .inboundInterface("lo"), .mark(outboundMark, negated: true)],
            .return)
    }

    /// Carries the proxy's mark from a connection's first packet to its answers, so that they are routed back to it.
    func markTransparently(_ writer: inout RuleWriter) {
        let loopback = loopback(writer.family)
        writer.append(.mangle, .prerouting, [.transport(.tcp), .mark(mark, negated: false)], .saveMark)
        writer.append(
            .mangle, .output, [.transport(.tcp), .outboundInterface("lo"), .mark(mark, negated: false)], .return)
        let owners =
            proxyUsers.map { PacketMatch.user($0, negated: false) }
            + proxyGroups.map { PacketMatch.group($0, negated: false) }
        for owner in owners {
            writer.append(
                .mangle, .output,
                [.destination(loopback, negated: true), .transport(.tcp), .outboundInterface("lo"), owner],
                .setMark(outboundMark))
        }
        writer.append(.mangle, .output, [.transport(.tcp), .connectionMark(mark)], .restoreMark)
    }
}
