/// The settings as they are written in flags and environment: texts, lists separated by commas.
package struct CaptureOptions: Sendable, Hashable {
    package var envoyPort = "15001"
    package var inboundCapturePort = "15006"
    package var inboundTunnelPort = "15008"
    /// Empty means the usual one.
    package var proxyUID = ""
    /// Empty means the same as the user.
    package var proxyGID = ""
    package var interceptionMode = "REDIRECT"
    package var mark = "1337"
    package var routeTable = "133"
    package var inboundPorts = ""
    package var excludedInboundPorts = ""
    package var excludedInterfaces = ""
    package var outboundRanges = ""
    package var excludedOutboundRanges = ""
    package var outboundPorts = ""
    package var excludedOutboundPorts = ""
    package var virtualInterfaces = ""
    package var ownerGroups = "*"
    package var excludedOwnerGroups = ""
    package var loopbackRange = "127.0.0.1/32"
    package var redirectsNames = false
    package var capturesAllNames = false
    package var dropsInvalid = false
    package var traces = false
    /// Facts of the host.
    package var nameServers: [String] = []
    package var capturesIPv6 = false

    /// The defaults, without facts of the host.
    package init() {}

    private static let usualUser = "1337"

    /// The settings these texts stand for, or everything that is wrong with them.
    package func settings() throws(CaptureOptionsError) -> CaptureSettings {
        var reader = OptionReader()
        var settings = CaptureSettings()
        settings.outboundPort = reader.port(envoyPort, "--envoy-port")
        settings.inboundPort = reader.port(inboundCapturePort, "--inbound-capture-port")
        settings.tunnelPort = reader.port(inboundTunnelPort, "--inbound-tunnel-port")
        let user = proxyUID.isEmpty ? Self.usualUser : proxyUID
        settings.proxyUsers = reader.owners(user, "--proxy-uid")
        settings.proxyGroups = reader.owners(proxyGID.isEmpty ? user : proxyGID, "--proxy-gid")
        settings.mode = reader.mode(interceptionMode, "--istio-inbound-interception-mode")
        settings.mark = reader.number(mark, "--istio-inbound-tproxy-mark")
        settings.routeTable = reader.number(routeTable, "--istio-inbound-tproxy-route-table")
        settings.inboundPorts =
            inboundPorts == "*" ? .all : .only(reader.ports(inboundPorts, "--istio-inbound-ports"))
        settings.excludedInboundPorts = reader.ports(excludedInboundPorts, "--istio-local-exclude-ports")
        settings.outboundRanges =
            outboundRanges == "*" ? .all : .only(reader.ranges(outboundRanges, "--istio-service-cidr"))
        settings.excludedOutboundRanges = reader.ranges(excludedOutboundRanges, "--istio-service-exclude-cidr")
        settings.outboundPorts = reader.ports(outboundPorts, "--istio-outbound-ports")
        settings.excludedOutboundPorts = reader.ports(
            excludedOutboundPorts, "--istio-local-outbound-ports-exclude")
        settings.excludedInterfaces = reader.interfaces(excludedInterfaces, "--istio-exclude-interfaces")
        settings.virtualInterfaces = reader.interfaces(virtualInterfaces, "--kube-virt-interfaces")
        settings.ownerGroups =
            ownerGroups == "*" || ownerGroups.isEmpty
            ? .allBut(reader.owners(excludedOwnerGroups, "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE"))
            : .only(reader.selectedOwners(ownerGroups, "ISTIO_OUTBOUND_OWNER_GROUPS"))
        settings.loopbackRange = reader.loopback(loopbackRange, "ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR")
        settings.names = names(&reader)
        settings.dropsInvalid = dropsInvalid
        settings.traces = traces
        settings.capturesIPv6 = capturesIPv6
        guard reader.faults.isEmpty else { throw CaptureOptionsError(faults: reader.faults) }
        return settings
    }

    /// Without a resolver to capture, lookups stay as they are.
    private func names(_ reader: inout OptionReader) -> CaptureSettings.NameCapture {
        guard redirectsNames else { return .none }
        guard !capturesAllNames else { return .all }
        // A zone ("fe80::1%eth0") means nothing to a rule.
        let addresses = nameServers.map { $0.split(separator: "%").first.map(String.init) ?? $0 }
        let servers = addresses.flatMap { reader.ranges($0, "nameserver") }
        return servers.isEmpty ? .none : .servers(servers)
    }
}

/// All that is wrong with options of the capture.
package struct CaptureOptionsError: Error, Hashable, CustomStringConvertible {
    package let faults: [String]

    package init(faults: [String]) {
        self.faults = faults
    }

    package var description: String { faults.joined(separator: "\n") }
}
