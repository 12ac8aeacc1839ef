import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import SwiftProtobuf
import Synchronization
import Testing
import XDSServer

@testable import DiscoveryServer

/// Requests that follow nothing.
@Suite struct QuestionTests {
    /// Answers with the name in other letters, or refuses.
    private final class Echo: QuestionAnswering {
        let asked = Mutex<[DiscoveryQuestion]>([])

        func answers(_ typeURL: TypeURL) -> Bool { typeURL == .debug }

        func answer(_ question: DiscoveryQuestion) throws -> DiscoveryAnswer {
            asked.withLock { $0.append(question) }
            guard let name = question.names.first, name != "forbidden" else {
                throw RPCError(code: .permissionDenied, message: "not for you")
            }
            return DiscoveryAnswer([Resource(name: name, body: Array(name.uppercased().utf8))])
        }
    }

    @Test func aToolIsAnsweredAndIsNoProxy() async throws {
        try await withServer(clusters(cluster("a")), limits: shortLimits(), questions: Echo()) { server in
            try await withWhole(port: server.port) { stream in
                var request = WholeRequest.subscribe(.debug, ["syncz"])
                // As istioctl does: a nonce that answers nothing.
                request.responseNonce = "2026-11-21 19:00:00"
                stream.send(request)
                let response = try await stream.receive()
                #expect(response.typeURL == "istio.io/debug")
                #expect(response.resources.map(\.typeURL) == ["istio.io/debug"])
                #expect(response.resources.map { String(decoding: $0.value, as: UTF8.self) } == ["SYNCZ"])
                #expect(server.connections.map(\.isProxy) == [false])
                #expect(server.source.followers == 0)
                #expect(server.metric(#"pilot_xds{version="1.29.0"}"#) == nil)
            }
        }
    }

    /// An agent passes a tool's question on over its proxy's stream, and does not acknowledge the answer.
    @Test func aProxysStreamIsNotDisturbed() async throws {
        let limits = shortLimits(acknowledgement: .seconds(3))
        try await withServer(clusters(cluster("a")), limits: limits, questions: Echo()) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                for name in ["one", "two"] {
                    stream.send(.subscribe(.debug, [name], node: false))
                    let answer = try await stream.receive()
                    #expect(answer.typeURL == "istio.io/debug")
                    #expect(answer.resources.map(\.name) == [name])
                }
                try await Task.sleep(for: .seconds(4))
                try server.source.update { try $0.apply(.cluster, updates: [cluster("b")]) }
                let next = try await stream.receive().names
                #expect(next == ["b"])
                #expect(server.connections.first?.status.types.map(\.typeURL) == [.cluster])
            }
        }
    }

    @Test func anAcknowledgementIsNoQuestion() async throws {
        let echo = Echo()
        try await withServer(limits: shortLimits(), questions: echo) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.debug, ["one"]))
                stream.send(.accept(try await stream.receive()))
                stream.send(.subscribe(.debug, ["two"]))
                let next = try await stream.receive().names
                #expect(next == ["two"])
            }
        }
        #expect(echo.asked.withLock { $0.map(\.names) } == [["one"], ["two"]])
    }

    @Test func aRefusalEndsTheStream() async throws {
        try await withServer(limits: shortLimits(), questions: Echo()) { server in
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.debug, ["forbidden"]))
                return await stream.end()
            }
            #expect(end?.code == .permissionDenied)
            #expect(end?.message == "not for you")
        }
    }

    @Test func questionsCountAgainstTheLimit() async throws {
        var limits = shortLimits()
        limits.stream.requestBurst = 20
        try await withServer(limits: limits, questions: Echo()) { server in
            let end = try await withDelta(port: server.port) { stream in
                for number in 0..<200 { stream.send(.subscribe(.debug, ["\(number)"])) }
                return await stream.end()
            }
            #expect(end?.code == .resourceExhausted)
        }
    }

    @Test func aServerWithoutAnswersTreatsItAsAnyType() async throws {
        try await withServer(clusters(cluster("a")), limits: shortLimits()) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.debug, ["syncz"]))
                stream.send(.subscribe(.cluster))
                let next = try await stream.receive().names
                #expect(next == ["a"])
            }
        }
    }
}
