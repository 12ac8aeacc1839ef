import EnvoyAPI
package import KubernetesModel
package import MeshModel
import SwiftProtobuf

/// Where some of the connections go that a listener takes.
package struct OutboundChain: Hashable, Sendable {
    /// Destinations that it is for; empty for all.
    package var prefixes: [AddressRange]
    /// What the client asks for in TLS, one of these; empty for anything.
    package var serverNames: [String]
    package var target: ConnectionTarget
    /// What is spoken with a data store, where it is known.
    package var store: StoreProtocol?
    /// The VirtualService that says so.
    package var origin: ObjectKey?
    /// Requests are found out by the first bytes and go by these routes; all else goes to the target. Nil: nobody looks.
    package var sniffedRoutes: String?

    package init(
        prefixes: [AddressRange] = [], serverNames: [String] = [], target: ConnectionTarget, origin: ObjectKey? = nil,
        sniffedRoutes: String? = nil
    ) {
        self.prefixes = prefixes
        self.serverNames = serverNames
        self.target = target
        self.origin = origin
        self.sniffedRoutes = sniffedRoutes
    }

    /// Whether every connection can be its own.
    var matchesAll: Bool { prefixes.isEmpty && serverNames.isEmpty }
}

extension OutboundChain {
    /// What chooses it, apart from what is spoken.
    var match: Envoy_Config_Listener_V3_FilterChainMatch {
        .with {
            $0.prefixRanges = prefixes.map { .init($0) }
            $0.serverNames = serverNames
        }
    }
}

extension Envoy_Config_Core_V3_CidrRange {
    init(_ range: AddressRange) {
        self.init()
        addressPrefix = range.address
        prefixLen = .init(range.length)
    }
}
