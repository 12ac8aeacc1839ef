/// One flag of `istio-iptables`, and where its value goes.
struct CaptureFlag: Sendable {
    let name: String
    let letter: Substring
    let isSwitch: Bool
    let help: String
    /// The variables that stand for it, the last one counts most.
    let environment: [String]
    let assign: @Sendable (inout CaptureInvocation, String) -> Bool

    /// Sets the value.
    ///
    /// - Returns: What is wrong with it.
    func set(_ invocation: inout CaptureInvocation, _ text: String, _ origin: String) -> [String] {
        assign(&invocation, text) ? [] : ["\(origin): \"\(text)\" is neither true nor false"]
    }
}

extension CaptureFlag {
    /// Every flag.
    static let all: [CaptureFlag] = [
        .text(
            "envoy-port", "p", \.options.envoyPort, ["ENVOY_PORT"],
            "Port of the proxy for outbound traffic."),
        .text(
            "inbound-capture-port", "z", \.options.inboundCapturePort, ["INBOUND_CAPTURE_PORT"],
            "Port of the proxy for inbound traffic."),
        .text(
            "inbound-tunnel-port", "e", \.options.inboundTunnelPort, ["INBOUND_TUNNEL_PORT"],
            "Port of the proxy for tunnels."),
        .text(
            "proxy-uid", "u", \.options.proxyUID, ["PROXY_UID"],
            "Users whose traffic is left alone: the proxy's. Else that of the user istio-proxy, or 1337."),
        .text(
            "proxy-gid", "g", \.options.proxyGID, ["PROXY_GID"],
            "Groups whose traffic is left alone; as --proxy-uid if not given."),
        .text(
            "istio-inbound-interception-mode", "m", \.options.interceptionMode, ["ISTIO_INBOUND_INTERCEPTION_MODE"],
            "REDIRECT, TPROXY or NONE."),
        .text(
            "istio-inbound-ports", "b", \.options.inboundPorts, ["ISTIO_INBOUND_PORTS"],
            "Inbound ports to capture, or \"*\"."),
        .text(
            "istio-local-exclude-ports", "d", \.options.excludedInboundPorts, ["ISTIO_LOCAL_EXCLUDE_PORTS"],
            "Inbound ports to leave alone, where all are captured."),
        .text(
            "istio-exclude-interfaces", "c", \.options.excludedInterfaces, ["ISTIO_EXCLUDE_INTERFACES"],
            "Interfaces to leave alone."),
        .text(
            "istio-service-cidr", "i", \.options.outboundRanges, ["ISTIO_SERVICE_CIDR"],
            "Destinations to capture, or \"*\"."),
        .text(
            "istio-service-exclude-cidr", "x", \.options.excludedOutboundRanges, ["ISTIO_SERVICE_EXCLUDE_CIDR"],
            "Destinations to leave alone."),
        .text(
            "istio-outbound-ports", "q", \.options.outboundPorts, ["ISTIO_OUTBOUND_PORTS"],
            "Outbound ports to capture whatever the destination is."),
        .text(
            "istio-local-outbound-ports-exclude", "o", \.options.excludedOutboundPorts,
            ["ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE"],
            "Outbound ports to leave alone."),
        .text(
            "kube-virt-interfaces", "k", \.options.virtualInterfaces, ["KUBE_VIRT_INTERFACES"],
            "Interfaces of virtual machines: what comes in there is outbound traffic."),
        .text(
            "istio-inbound-tproxy-mark", "t", \.options.mark, ["ISTIO_INBOUND_TPROXY_MARK"],
            "Mark of packets, in mode TPROXY."),
        .text(
            "istio-inbound-tproxy-route-table", "r", \.options.routeTable, ["ISTIO_INBOUND_TPROXY_ROUTE_TABLE"],
            "Routing table of marked packets, in mode TPROXY."),
        .switch(
            "redirect-dns", "", \.options.redirectsNames, ["REDIRECT_DNS", "ISTIO_META_DNS_CAPTURE"],
            "Capture DNS lookups to the resolvers of /etc/resolv.conf."),
        .switch(
            "capture-all-dns", "", \.options.capturesAllNames, ["CAPTURE_ALL_DNS"],
            "With --redirect-dns: to any resolver."),
        .switch(
            "drop-invalid", "", \.options.dropsInvalid, ["DROP_INVALID", "INVALID_DROP"],
            "Drop packets that belong to no connection."),
        .switch(
            "dual-stack", "", \.isDualStack, ["DUAL_STACK", "ISTIO_DUAL_STACK"],
            "Capture IPv4 and IPv6."),
        .switch(
            "dry-run", "n", \.isDryRun, ["DRY_RUN"],
            "Print what would be done."),
        .switch(
            "cleanup-only", "", \.cleansOnly, ["CLEANUP_ONLY"],
            "Take all rules of captures away."),
        .switch(
            "skip-rule-apply", "", \.skipsRules, ["SKIP_RULE_APPLY"],
            "Leave the rules as they are, for --run-validation."),
        .switch(
            "run-validation", "", \.validates, ["RUN_VALIDATION"],
            "Try whether a connection is captured; exit 126 if not."),
        .text(
            "iptables-probe-port", "", \.probePort, ["IPTABLES_PROBE_PORT"],
            "Port that --run-validation connects to."),
        .text(
            "probe-timeout", "", \.probeTimeout, ["PROBE_TIMEOUT"],
            "How long --run-validation tries."),
        .switch(
            "native-nftables", "", \.usesNativeNFTables, ["NATIVE_NFTABLES", "NATIVE_NFTABLES"],
            "Write rules of nftables, not of iptables."),
        .text(
            "force-iptables-binary", "", \.program, ["FORCE_IPTABLES_BINARY"],
            "Use \"nft\" or \"legacy\", or a program of that name."),
        .text(
            "network-namespace", "", \.networkNamespace, ["NETWORK_NAMESPACE"],
            "Path of the network namespace to act in."),
        .switch(
            "reconcile", "", \.reconciles, ["RECONCILE"],
            "What is there is replaced with and without it."),
        .switch(
            "force-apply", "", \.forces, ["FORCE_APPLY"],
            "Rules are applied with and without it."),
        .switch(
            "cni-mode", "", \.ignored, [],
            "Taken, without effect."),
        .switch(
            "host-nsenter-exec", "", \.ignored, [],
            "Taken, without effect."),
        .switch(
            "iptables-trace-logging", "", \.options.traces, ["IPTABLES_TRACE_LOGGING"],
            "Tell of the packets that meet rules: to group 1337 of the kernel's netlink log."),
        .switch(
            "host-filesystem-pod-network", "", \.ignored, [],
            "Taken, without effect."),
        .switch(
            "restore-format", "f", \.ignored, [],
            "Taken, without effect."),
        .switch(
            "help", "h", \.asksForHelp, [],
            "Print this."),
    ]

    private static func text(
        _ name: String, _ letter: Substring, _ path: any WritableKeyPath<CaptureInvocation, String> & Sendable,
        _ environment: [String], _ help: String
    ) -> CaptureFlag {
        CaptureFlag(name: name, letter: letter, isSwitch: false, help: help, environment: environment) {
            $0[keyPath: path] = $1
            return true
        }
    }

    private static func `switch`(
        _ name: String, _ letter: Substring, _ path: any WritableKeyPath<CaptureInvocation, Bool> & Sendable,
        _ environment: [String], _ help: String
    ) -> CaptureFlag {
        CaptureFlag(name: name, letter: letter, isSwitch: true, help: help, environment: environment) {
            guard let value = truth($1) else { return false }
            $0[keyPath: path] = value
            return true
        }
    }

    private static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "t", "1": true
        case "false", "f", "0": false
        default: nil
        }
    }
}

extension CaptureInvocation {
    /// The flags, one a line.
    package static var help: String {
        CaptureFlag.all.map { flag in
            let name = (flag.letter.isEmpty ? "    " : "-\(flag.letter), ") + "--\(flag.name)"
            return "  " + name + String(repeating: " ", count: max(1, 42 - name.count)) + flag.help
        }.joined(separator: "\n")
    }
}
