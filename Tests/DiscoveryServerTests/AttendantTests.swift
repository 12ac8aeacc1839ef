import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import SwiftProtobuf
import Synchronization
import Testing
import XDSServer

@testable import DiscoveryServer

/// Whoever has to know is told of proxies that come, report and go.
@Suite struct AttendantTests {
    /// Writes down what it is told; lets nobody in whose node is forbidden.
    private final class Diary: ProxyAttending {
        enum Line: Hashable, Sendable {
            case connected(String)
            case reported(String?)
            case disconnected(String)
        }

        private let state = Mutex<[Line]>([])
        let isClosed: Bool

        init(isClosed: Bool = false) { self.isClosed = isClosed }

        var lines: [Line] { state.withLock { $0 } }

        func takes(_ typeURL: TypeURL) -> Bool { typeURL == .health }

        func connected(_ stream: ProxyStream) throws {
            if isClosed { throw RPCError(code: .permissionDenied, message: "not for you") }
            state.withLock { $0.append(.connected(stream.client.node.id)) }
        }

        func reported(_ report: ProxyReport, by stream: ProxyStream) {
            state.withLock { $0.append(.reported(report.problem)) }
        }

        func disconnected(_ stream: ProxyStream) {
            state.withLock { $0.append(.disconnected(stream.client.node.id)) }
        }
    }

    @Test func aDeltaProxyComesReportsAndGoes() async throws {
        let diary = Diary()
        try await withServer(clusters(cluster("a")), limits: shortLimits(), attendant: diary) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                var report = DeltaRequest.with { $0.typeURL = TypeURL.health.rawValue }
                report.errorDetail = .with {
                    $0.code = 13
                    $0.message = "no answer on 8080"
                }
                stream.send(report)
                report.clearErrorDetail()
                stream.send(report)
                try await eventually("both reports") { diary.lines.count == 3 }
                // What comes next is no answer to a report.
                try server.source.update { try $0.apply(.cluster, updates: [cluster("b")]) }
                let next = try await stream.receive()
                #expect(next.typeURL == TypeURL.cluster.rawValue && next.names == ["b"])
                #expect(server.connections.first?.status.types.map(\.typeURL) == [.cluster])
            }
            try await eventually("the end") { diary.lines.count == 4 }
        }
        let node = testNode.id
        #expect(
            diary.lines == [.connected(node), .reported("no answer on 8080"), .reported(nil), .disconnected(node)])
    }

    /// Who begins with a report is a proxy all the same.
    @Test func aReportMayComeFirst() async throws {
        let diary = Diary()
        try await withServer(clusters(cluster("a")), limits: shortLimits(), attendant: diary) { server in
            try await withWhole(port: server.port) { stream in
                stream.send(
                    .with {
                        $0.node = testNode
                        $0.typeURL = TypeURL.health.rawValue
                    })
                stream.send(.subscribe(.cluster, node: false))
                let response = try await stream.receive()
                #expect(try response.clusterNames == ["a"])
            }
            try await eventually("the end") { diary.lines.last == .disconnected(testNode.id) }
        }
        #expect(diary.lines == [.connected(testNode.id), .reported(nil), .disconnected(testNode.id)])
    }

    @Test func whoIsNotLetInGetsNothing() async throws {
        let diary = Diary(isClosed: true)
        try await withServer(clusters(cluster("a")), limits: shortLimits(), attendant: diary) { server in
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                return await stream.end()
            }
            #expect(end?.code == .permissionDenied && end?.message == "not for you")
            #expect(server.metric(#"pilot_xds{version="1.29.0"}"#) == nil)
            try await eventually("nobody follows") { server.source.followers == 0 }
        }
        #expect(diary.lines == [])
    }

    /// Questions alone make no proxy.
    @Test func toolsAreNotTold() async throws {
        struct Answers: QuestionAnswering {
            func answers(_ typeURL: TypeURL) -> Bool { typeURL == .debug }
            func answer(_ question: DiscoveryQuestion) -> DiscoveryAnswer {
                DiscoveryAnswer([Resource(name: "list", body: [])])
            }
        }
        let diary = Diary()
        try await withServer(limits: shortLimits(), questions: Answers(), attendant: diary) { server in
            try await withWhole(port: server.port) { stream in
                stream.send(.subscribe(.debug, ["list"]))
                _ = try await stream.receive()
            }
        }
        #expect(diary.lines == [])
    }
}
