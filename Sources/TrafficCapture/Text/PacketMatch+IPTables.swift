extension PacketMatch {
    /// Arguments of iptables.
    var arguments: [String] {
        switch self {
        case .inboundInterface(let name): ["-i", name]
        case .outboundInterface(let name): ["-o", name]
        case .source(let range): ["-s", range]
        case .destination(let range, let negated): not(negated) + ["-d", range]
        case .transport(let transport): ["-p", transport.rawValue]
        case .sourcePort(let port): ["--sport", String(port)]
        case .destinationPort(let port, let negated): not(negated) + ["--dport", String(port)]
        case .noneOfDestinationPorts(let ports):
            ["-m", "multiport", "!", "--dports", ports.map(String.init).joined(separator: ",")]
        case .user(let user, let negated): ["-m", "owner"] + not(negated) + ["--uid-owner", user]
        case .group(let group, let negated): ["-m", "owner"] + not(negated) + ["--gid-owner", group]
        case .connectionState(let states): ["-m", "conntrack", "--ctstate", states.joined(separator: ",")]
        case .mark(let mark, let negated): ["-m", "mark"] + not(negated) + ["--mark", String(mark)]
        case .connectionMark(let mark): ["-m", "connmark", "--mark", String(mark)]
        }
    }

    private func not(_ negated: Bool) -> [String] { negated ? ["!"] : [] }
}

extension Verdict {
    /// Arguments of iptables.
    var arguments: [String] {
        switch self {
        case .jump(let chain): ["-j", chain.name]
        case .return: ["-j", "RETURN"]
        case .accept: ["-j", "ACCEPT"]
        case .drop: ["-j", "DROP"]
        case .redirect(let port): ["-j", "REDIRECT", "--to-ports", String(port)]
        case .transparentProxy(let port, let mark):
            ["-j", "TPROXY", "--tproxy-mark", "\(mark)/0xffffffff", "--on-port", String(port)]
        case .setMark(let mark): ["-j", "MARK", "--set-mark", String(mark)]
        case .saveMark: ["-j", "CONNMARK", "--save-mark"]
        case .restoreMark: ["-j", "CONNMARK", "--restore-mark"]
        case .conntrackZone(let zone): ["-j", "CT", "--zone", String(zone)]
        case .log(let name):
            [
                "-j", "NFLOG", "--nflog-prefix", "\"\(name)\"", "--nflog-group", String(Verdict.logGroup),
                "--nflog-size", String(Verdict.loggedBytes),
            ]
        }
    }
}

extension CaptureRule {
    /// The rule as one line of iptables-restore: `-A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN`.
    package var line: String {
        let place = position.map { ["-I", chain.name, String($0)] } ?? ["-A", chain.name]
        return (place + specification).joined(separator: " ")
    }

    /// What follows the chain.
    var specification: [String] { matches.flatMap(\.arguments) + verdict.arguments }

    /// The rule as one command of its own.
    package var command: [String] {
        let place = position.map { ["-I", chain.name, String($0)] } ?? ["-A", chain.name]
        return [family == .ipv4 ? "iptables" : "ip6tables", "-t", table.rawValue] + place + specification
    }
}
