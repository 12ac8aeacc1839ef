import DiscoveryAPI
import FoundationEssentials
import SwiftProtobuf
import XDSServer

/// The last good configuration: what a proxy has acknowledged, for the next one.
struct KeptResources: Hashable, Sendable {
    struct OfType: Hashable, Sendable {
        /// Of the last whole response; empty in the delta protocol.
        var version = ""
        var resources: [String: RelayResource] = [:]
    }

    var types: [TypeURL: OfType] = [:]

    subscript(typeURL: TypeURL) -> OfType? {
        get { types[typeURL] }
        set { types[typeURL] = newValue }
    }

    /// About how much memory it takes.
    var bytes: Int {
        types.values.reduce(0) { sum, type in
            type.resources.values.reduce(sum) { $0 + $1.resource.value.count + 2 * $1.name.utf8.count + 128 }
        }
    }

    /// Nothing, if it takes more: a part would let a proxy wait for what it refers to.
    func limited(to limit: Int) -> KeptResources { bytes > limit ? KeptResources() : self }
}
