/// What a VirtualService does with connections that are passed on as they are.
package struct ConnectionRule: Hashable, Sendable {
    /// It is for connections that meet any of these; for all, if there are none.
    package var matches: [ConnectionMatch]
    package var destinations: [WeightedDestination]

    package init(matches: [ConnectionMatch] = [], destinations: [WeightedDestination]) {
        self.matches = matches
        self.destinations = destinations
    }
}

/// Conditions that a connection must meet, all of them.
package struct ConnectionMatch: Hashable, Sendable {
    /// In the TLS handshake, one of these; `*.example.com` stands for all below. Empty for rules of plain TCP.
    package var serverNames: [String]
    /// Addresses or ranges, such as `10.0.0.0/8`, that were called; any, if there are none.
    package var destinationSubnets: [String]
    package var client: ClientMatch

    package init(
        serverNames: [String] = [], destinationSubnets: [String] = [], client: ClientMatch = .init()
    ) {
        self.serverNames = serverNames
        self.destinationSubnets = destinationSubnets
        self.client = client
    }
}
