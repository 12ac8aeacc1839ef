package import XDSServer

/// One stream of a client that follows resources.
package struct ProxyStream: Hashable, Sendable {
    /// Differs from those of all other streams.
    package var id: String
    package var client: DiscoveryClient

    package init(id: String, client: DiscoveryClient) {
        self.id = id
        self.client = client
    }
}

/// What a client tells of itself by a request that no response follows, such as an agent of its workload's health.
package struct ProxyReport: Hashable, Sendable {
    package var typeURL: TypeURL
    /// What is wrong; nil: nothing is.
    package var problem: String?

    package init(_ typeURL: TypeURL, problem: String? = nil) {
        self.typeURL = typeURL
        self.problem = problem
    }
}

/// Is told of proxies that come, of what they report, and of proxies that go.
package protocol ProxyAttending: Sendable {
    /// Whether requests of a type are reports.
    func takes(_ typeURL: TypeURL) -> Bool

    /// A client is about to get its first resources.
    ///
    /// - Throws: `RPCError` when it may not; it becomes the status of the call, and nothing more is told of the stream.
    func connected(_ stream: ProxyStream) async throws

    /// Only of streams that are connected.
    func reported(_ report: ProxyReport, by stream: ProxyStream)

    /// The stream has ended.
    func disconnected(_ stream: ProxyStream)
}

/// For servers that need not know.
package struct NoAttendant: ProxyAttending {
    package init() {}

    package func takes(_ typeURL: TypeURL) -> Bool { false }

    package func connected(_ stream: ProxyStream) {}

    package func reported(_ report: ProxyReport, by stream: ProxyStream) {}

    package func disconnected(_ stream: ProxyStream) {}
}
