package import GRPCCore

/// A service that is served beside ADS on the same port, and wants to know who calls.
package protocol CompanionService: Sendable {
    /// Registers its methods.
    ///
    /// - Parameter peers: Tells handlers who is on the other side.
    func registerMethods(with router: inout RPCRouter<DiscoveryServer.Transport>, peers: CallPeers)
}

/// The connections that calls come over.
package struct CallPeers: Sendable {
    let connections: TransportConnections

    /// Does the work of a call, which counts as one of its connection meanwhile.
    package func serving<Value>(
        _ context: ServerContext, _ body: (PeerConnection) async throws -> Value
    ) async throws -> Value {
        connections.callBegan(context)
        defer { connections.callEnded(context) }
        return try await body(await connections.peer(of: context))
    }
}
