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
    /// What their bodies are, one by one; empty: what was asked for.
    package var bodyTypes: [TypeURL]

    package init(_ resources: [Resource], of bodyType: TypeURL? = nil) {
        self.resources = resources
        bodyTypes = bodyType.map { [$0] } ?? []
    }

    /// An answer of messages that differ.
    package init(_ messages: [(type: TypeURL, resource: Resource)]) {
        resources = messages.map(\.resource)
        bodyTypes = messages.map(\.type)
    }
}

/// Answers questions. A client that asks nothing else is no proxy: ``SnapshotSource`` never hears of it.
package protocol QuestionAnswering: Sendable {
    /// Whether requests of a type are questions.
    func answers(_ typeURL: TypeURL) -> Bool

    /// - Throws: `RPCError` when the client may not ask this; it becomes the status of the call.
    func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer
}

/// Several of different types.
package struct QuestionGroup: QuestionAnswering {
    private let members: [any QuestionAnswering]

    /// - Parameter members: Of two that answer a type the first does.
    package init(_ members: [any QuestionAnswering]) { self.members = members }

    package func answers(_ typeURL: TypeURL) -> Bool { members.contains { $0.answers(typeURL) } }

    package func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
        guard let member = members.first(where: { $0.answers(question.typeURL) }) else { return DiscoveryAnswer([]) }
        return try await member.answer(question)
    }
}

/// For servers that answer none.
package struct NoQuestions: QuestionAnswering {
    package init() {}

    package func answers(_ typeURL: TypeURL) -> Bool { false }

    package func answer(_ question: DiscoveryQuestion) -> DiscoveryAnswer { DiscoveryAnswer([]) }
}
