/// What is captured in a network namespace, and what is left alone.
package struct CaptureSettings: Sendable, Hashable {
    /// How inbound connections reach the proxy.
    package enum InterceptionMode: String, Sendable, Hashable, CaseIterable {
        /// By a redirect: the application sees the connection come from the proxy.
        case redirect = "REDIRECT"
        /// Transparently: the application sees the client's address.
        case transparentProxy = "TPROXY"
        /// Nothing inbound is captured.
        case none = "NONE"
    }

    /// All of a kind, or some.
    package enum Selection<Element: Sendable & Hashable>: Sendable, Hashable {
        case all
        case only([Element])

        package var listed: [Element] {
            if case .only(let elements) = self { elements } else { [] }
        }
    }

    /// Whose outbound traffic is captured, by the group of the process.
    package enum OwnerGroups: Sendable, Hashable {
        case allBut([String])
        case only([String])
    }

    /// Which name lookups are captured.
    package enum NameCapture: Sendable, Hashable {
        case none
        /// Those to the resolvers of the host.
        case servers([AddressRange])
        case all
    }

    package var outboundPort: UInt16 = 15001
    package var inboundPort: UInt16 = 15006
    package var tunnelPort: UInt16 = 15008
    package var namesPort: UInt16 = 15053

    /// The users and groups the proxy runs as: their own traffic is never captured.
    package var proxyUsers = ["1337"]
    package var proxyGroups = ["1337"]

    package var mode = InterceptionMode.redirect
    package var mark: UInt32 = 1337
    package var routeTable: UInt32 = 133

    package var inboundPorts = Selection<UInt16>.only([])
    /// Counts where all inbound ports are captured.
    package var excludedInboundPorts: [UInt16] = []
    package var outboundRanges = Selection<AddressRange>.only([])
    package var excludedOutboundRanges: [AddressRange] = []
    /// Captured whatever their destination is.
    package var outboundPorts: [UInt16] = []
    package var excludedOutboundPorts: [UInt16] = []
    package var ownerGroups = OwnerGroups.allBut([])
    package var excludedInterfaces: [String] = []
    /// Interfaces of machines inside the Pod: what comes in by them is outbound traffic.
    package var virtualInterfaces: [String] = []

    package var names = NameCapture.none
    package var dropsInvalid = false
    /// Whether packets that meet rules are told of.
    package var traces = false
    package var capturesIPv6 = false
    /// What counts as the Pod talking to itself on IPv4.
    package var loopbackRange = "127.0.0.1/32"

    package init() {}

    /// The families that get rules.
    package var families: [AddressFamily] { capturesIPv6 ? [.ipv4, .ipv6] : [.ipv4] }
}
