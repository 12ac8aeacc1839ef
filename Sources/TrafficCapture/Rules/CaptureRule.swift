/// One rule of a packet filter.
package struct CaptureRule: Sendable, Hashable {
    package let family: AddressFamily
    package let table: FilterTable
    package let chain: Chain
    /// Its place in the chain, counted from 1; at the end if there is none.
    package let position: Int?
    /// In the order in which they are written.
    package let matches: [PacketMatch]
    package let verdict: Verdict

    /// What tells of the packets that this rule matches, and decides nothing.
    func trace(as name: String) -> CaptureRule {
        CaptureRule(
            family: family, table: table, chain: chain, position: position, matches: matches, verdict: .log(name))
    }
}

/// The tables of a packet filter that the capture uses, in the order in which they are written.
package enum FilterTable: String, Sendable, Hashable, CaseIterable {
    case mangle, nat, raw
}

/// A chain of rules.
package struct Chain: Sendable, Hashable, CustomStringConvertible {
    package let name: String
    /// Whether the chain is one of the packet filter's own.
    package let isBuiltIn: Bool

    package var description: String { name }

    package static let prerouting = Chain(name: "PREROUTING", isBuiltIn: true)
    package static let output = Chain(name: "OUTPUT", isBuiltIn: true)

    package static let inbound = own("ISTIO_INBOUND")
    package static let redirect = own("ISTIO_REDIRECT")
    package static let inboundRedirect = own("ISTIO_IN_REDIRECT")
    package static let outbound = own("ISTIO_OUTPUT")
    package static let names = own("ISTIO_OUTPUT_DNS")
    package static let transparentProxy = own("ISTIO_TPROXY")
    package static let divert = own("ISTIO_DIVERT")
    package static let drop = own("ISTIO_DROP")

    /// Every chain of ours, of this capture or of one before it.
    package static let allOwn = [
        inbound, redirect, inboundRedirect, outbound, names, transparentProxy, divert, drop,
    ]

    private static func own(_ name: String) -> Chain { Chain(name: name, isBuiltIn: false) }
}

/// What a packet must be like.
package enum PacketMatch: Sendable, Hashable {
    package enum TransportProtocol: String, Sendable, Hashable { case tcp, udp }

    case inboundInterface(String)
    case outboundInterface(String)
    case source(String)
    case destination(String, negated: Bool)
    case transport(TransportProtocol)
    case sourcePort(UInt16)
    case destinationPort(UInt16, negated: Bool)
    case noneOfDestinationPorts([UInt16])
    case user(String, negated: Bool)
    case group(String, negated: Bool)
    case connectionState([String])
    case mark(UInt32, negated: Bool)
    case connectionMark(UInt32)
}

/// What becomes of a packet that matches.
package enum Verdict: Sendable, Hashable {
    case jump(Chain)
    case `return`
    case accept
    case drop
    case redirect(port: UInt16)
    case transparentProxy(port: UInt16, mark: UInt32)
    case setMark(UInt32)
    case saveMark
    case restoreMark
    case conntrackZone(UInt16)
    /// The packet's head goes to whoever listens to the kernel, under a name, and the packet on to the next rule.
    case log(String)

    /// The group of listeners that packets are told to.
    static let logGroup = 1337
    /// How much of a packet is told: the head of an IPv4 packet.
    static let loggedBytes = 20
}
