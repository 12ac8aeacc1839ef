/// Which kinds of IP addresses a proxy has.
package enum AddressFamilies: Hashable, Sendable {
    case ipv4
    case ipv6
    case dual

    /// The families of some addresses; IPv4 without any.
    package init(of addresses: [String]) {
        let hasIPv6 = addresses.contains { $0.contains(":") }
        let hasIPv4 = addresses.contains { !$0.contains(":") }
        self = hasIPv6 ? (hasIPv4 ? .dual : .ipv6) : .ipv4
    }

    /// Whether an address can be used. Names and Unix sockets can, whatever they lead to.
    package func supports(_ address: String) -> Bool {
        if address.hasPrefix("unix://") { return true }
        return switch self {
        case .dual: true
        case .ipv4: !address.contains(":")
        case .ipv6: address.contains(":")
        }
    }
}
