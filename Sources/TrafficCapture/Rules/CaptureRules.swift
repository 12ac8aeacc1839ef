extension CaptureSettings {
    /// All rules, family by family.
    package var rules: [CaptureRule] { families.flatMap(rules(for:)) }

    /// The rules of a family.
    package func rules(for family: AddressFamily) -> [CaptureRule] {
        var writer = RuleWriter(family: family, traces: traces)
        leaveInterfacesAlone(&writer)
        if dropsInvalid {
            writer.append(.mangle, .prerouting, [.connectionState(["INVALID"])], .jump(.drop))
            writer.append(.mangle, .drop, [], .drop)
        }
        // A tunnel ends in the proxy itself.
        writer.append(.nat, .inbound, [.transport(.tcp), .destinationPort(tunnelPort, negated: false)], .return)
        writer.append(.nat, .redirect, [.transport(.tcp)], .redirect(port: outboundPort))
        writer.append(.nat, .inboundRedirect, [.transport(.tcp)], .redirect(port: inboundPort))
        captureInbound(&writer)
        captureOutbound(&writer)
        if mode == .transparentProxy { markTransparently(&writer) }
        if capturesNames { separateNameConnections(&writer) }
        return writer.rules
    }

    private func leaveInterfacesAlone(_ writer: inout RuleWriter) {
        let tables: [FilterTable] = mode == .transparentProxy ? [.nat, .mangle] : [.nat]
        for table in tables {
            for interface in excludedInterfaces {
                writer.append(table, .prerouting, [.inboundInterface(interface)], .return, as: "ExcludeInterface")
                writer.append(table, .output, [.outboundInterface(interface)], .return, as: "ExcludeInterface")
            }
        }
        for interface in virtualInterfaces {
            writer.prepend(.nat, .prerouting, [.inboundInterface(interface)], .return, as: "Kubevirt")
        }
    }

    /// The addresses by which the Pod talks to itself.
    func loopback(_ family: AddressFamily) -> String {
        family == .ipv4 ? loopbackRange : "::1/128"
    }

    /// Where the proxy's connections to the application come from.
    func passthroughSource(_ family: AddressFamily) -> String {
        family == .ipv4 ? "127.0.0.6/32" : "::6/128"
    }
}
