/// Which of the two protocols a stream speaks.
package enum ProtocolVariant: Hashable, Sendable {
    /// Requests name everything wanted, `StreamAggregatedResources`.
    case stateOfTheWorld
    /// Requests name what to add and to drop, `DeltaAggregatedResources`.
    case delta
}

/// Who a client says it is: in the first request of a stream.
package struct ClientNode: Hashable, Sendable {
    /// Its id.
    package var id: String
    /// The whole encoded `Node` message, for whoever reads its metadata.
    package var body: [UInt8]

    package init(id: String, body: [UInt8] = []) {
        self.id = id
        self.body = body
    }
}

/// A request of either protocol, decoded.
package struct DiscoveryRequest: Hashable, Sendable {
    /// What the request says about the resources wanted.
    package enum Asked: Hashable, Sendable {
        /// `version_info` and `resource_names`.
        case stateOfTheWorld(version: String, names: [String])
        /// `resource_names_subscribe`, `resource_names_unsubscribe` and `initial_resource_versions`.
        case delta(subscribe: [String], unsubscribe: [String], initialVersions: [String: String])
    }

    package var typeURL: TypeURL
    /// The nonce of the response this answers; empty if it answers none.
    package var nonce: String
    /// Why the client refuses the response; nil if it accepts it.
    package var errorMessage: String?
    package var node: ClientNode?
    package var asked: Asked

    package init(
        _ typeURL: TypeURL, nonce: String = "", errorMessage: String? = nil, node: ClientNode? = nil, asked: Asked
    ) {
        self.typeURL = typeURL
        self.nonce = nonce
        self.errorMessage = errorMessage
        self.node = node
        self.asked = asked
    }

    /// The protocol it belongs to.
    package var variant: ProtocolVariant {
        switch asked {
        case .stateOfTheWorld: .stateOfTheWorld
        case .delta: .delta
        }
    }
}
