package import XDSServer

/// A request that asks once, and follows nothing: such as those of `istio.io/debug`.
package struct DiscoveryQuestion: Sendable {
    package var typeURL: TypeURL
    package var names: [String]
    package var client: DiscoveryClient

    package init(_ typeURL: TypeURL, names: [String], client: DiscoveryClient) {
        self.typeURL = typeURL
        self.names = names
        self.client = client
    }
}

/// What a question is answered with.
package struct DiscoveryAnswer: Sendable {
    package var resources: [Resource]
    /// What their bodies are; nil: what was asked for.
    package var bodyType: TypeURL?

    package init(_ resources: [Resource], of bodyType: TypeURL? = nil) {
        self.resources = resources
        self.bodyType = bodyType
    }
}

/// Answers questions. A client that asks nothing else is no proxy: ``SnapshotSource`` never hears of it.
package protocol QuestionAnswering: Sendable {
    /// Whether requests of a type are questions.
    func answers(_ typeURL: TypeURL) -> Bool

    /// - Throws: `RPCError` when the client may not ask this; it becomes the status of the call.
    func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer
}

/// For servers that answer none.
package struct NoQuestions: QuestionAnswering {
    package init() {}

    package func answers(_ typeURL: TypeURL) -> Bool { false }

    package func answer(_ question: DiscoveryQuestion) -> DiscoveryAnswer { DiscoveryAnswer([]) }
}
