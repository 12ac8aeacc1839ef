extension CaptureRule {
    /// The rule as a statement of nftables.
    package var statement: String {
        let transport = matches.lazy.compactMap { match in
            if case .transport(let transport) = match { transport } else { nil }
        }.first
        let namesPort = matches.contains { match in
            switch match {
            case .sourcePort, .destinationPort, .noneOfDestinationPorts: true
            default: false
            }
        }
        let expressions = matches.compactMap { match -> String? in
            if case .transport(let transport) = match {
                // A match of a port says it too.
                return namesPort ? nil : "meta l4proto \(transport.rawValue)"
            }
            return match.expression(family, transport: transport ?? .tcp)
        }
        return (expressions + [verdict.statement]).joined(separator: " ")
    }
}

extension PacketMatch {
    fileprivate func expression(_ family: AddressFamily, transport: TransportProtocol) -> String {
        let addresses = family == .ipv4 ? "ip" : "ip6"
        return switch self {
        case .inboundInterface(let name): "iifname \(interface(name))"
        case .outboundInterface(let name): "oifname \(interface(name))"
        case .source(let range): "\(addresses) saddr \(range)"
        case .destination(let range, let negated): "\(addresses) daddr \(not(negated))\(range)"
        case .transport(let transport): "meta l4proto \(transport.rawValue)"
        case .sourcePort(let port): "\(transport.rawValue) sport \(port)"
        case .destinationPort(let port, let negated): "\(transport.rawValue) dport \(not(negated))\(port)"
        case .noneOfDestinationPorts(let ports):
            "\(transport.rawValue) dport != { \(ports.map(String.init).joined(separator: ", ")) }"
        case .user(let user, let negated): "meta skuid \(not(negated))\(owner(user))"
        case .group(let group, let negated): "meta skgid \(not(negated))\(owner(group))"
        case .connectionState(let states):
            "ct state { \(states.map { $0.lowercased() }.joined(separator: ", ")) }"
        case .mark(let mark, let negated): "meta mark \(not(negated))\(mark)"
        case .connectionMark(let mark): "ct mark \(mark)"
        }
    }

    private func not(_ negated: Bool) -> String { negated ? "!= " : "" }

    /// iptables ends a prefix with "+", nftables with "*".
    private func interface(_ name: String) -> String {
        name.hasSuffix("+") ? "\"\(name.dropLast())*\"" : "\"\(name)\""
    }

    private func owner(_ name: String) -> String {
        UInt32(name) == nil ? "\"\(name)\"" : name
    }
}

extension Verdict {
    fileprivate var statement: String {
        switch self {
        case .jump(let chain): "jump \(chain.nftablesName)"
        case .return: "return"
        case .accept: "accept"
        case .drop: "drop"
        case .redirect(let port): "redirect to :\(port)"
        case .transparentProxy(let port, let mark): "tproxy to :\(port) meta mark set \(mark) accept"
        case .setMark(let mark): "meta mark set \(mark)"
        case .saveMark: "ct mark set meta mark"
        case .restoreMark: "meta mark set ct mark"
        case .conntrackZone(let zone): "ct zone set \(zone)"
        case .log(let name):
            "log prefix \"\(name)\" group \(Verdict.logGroup) snaplen \(Verdict.loggedBytes)"
        }
    }
}
