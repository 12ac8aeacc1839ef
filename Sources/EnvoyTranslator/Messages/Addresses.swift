import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Core_V3_SocketAddress {
    init(_ address: String, _ port: Int) {
        self.init()
        self.address = address
        portValue = UInt32(clamping: port)
    }
}

extension Envoy_Config_Core_V3_Address {
    /// - Parameter address: An IP address or a host name; or `unix://` and a path, which has no port.
    static func socket(_ address: String, _ port: Int) -> Self {
        .with {
            if address.hasPrefix("unix://") {
                $0.pipe.path = String(address.dropFirst("unix://".count))
            } else {
                $0.socketAddress = .init(address, port)
            }
        }
    }
}

extension AddressFamilies {
    /// The addresses that stand for all, the one that names go by first.
    var wildcards: [String] {
        switch self {
        case .ipv4: ["0.0.0.0"]
        case .ipv6: ["::"]
        case .dual: ["0.0.0.0", "::"]
        }
    }

    /// The addresses that a sidecar calls its own workload from. Capture lets them pass, and the workload may listen on
    /// whatever address of its Pod it likes.
    var inboundSources: [String] { wildcards.map { $0 == "::" ? "::6" : "127.0.0.6" } }

    var localhost: String { self == .ipv6 ? "::1" : "127.0.0.1" }

    /// How names are looked up.
    var dnsLookup: Envoy_Config_Cluster_V3_Cluster.DnsLookupFamily {
        switch self {
        case .ipv4: .v4Only
        case .ipv6: .v6Only
        case .dual: .all
        }
    }
}
