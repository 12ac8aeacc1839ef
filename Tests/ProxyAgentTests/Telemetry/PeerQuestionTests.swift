import DiscoveryAPI
import EnvoyAPI
import Foundation
import MeshMetrics
import SwiftProtobuf
import Testing
import XDSServer

@testable import AgentTelemetry
@testable import XDSRelay

/// Who is asked for on a stream that tells everything, where answers come without names.
@Suite struct PeerQuestionTests {
    private func stream() -> RelayStream {
        var stream = RelayStream(variant: .stateOfTheWorld)
        _ = stream.connect()
        _ = stream.receive(
            RelayRequest(typeURL: .cluster, node: .with { $0.id = "me" }, asked: .whole(version: "", names: [])))
        _ = stream.receive(RelayResponse(typeURL: .cluster, nonce: "1", version: "1", resources: []))
        return stream
    }

    private func workload(_ name: String, _ addresses: [UInt8]...) throws -> RelayResource {
        let message = Istio_Workload_Address.with {
            $0.workload.workloadName = name
            $0.workload.namespace = "shop"
            $0.workload.addresses = addresses.map { Data($0) }
        }
        return try .with { $0.resource = try .init(packing: message) }
    }

    @Test func answersAreToldByTheirAddresses() throws {
        var stream = stream()
        let names = ["net/10.0.0.1", "net/10.0.0.2", "net/fd00::1", "net/10.0.0.3"]
        let asked = stream.ask(.workloadAddress, names: names)
        #expect(
            asked == [
                .toControlPlane(
                    RelayRequest(typeURL: .workloadAddress, asked: .whole(version: "", names: names)))
            ])
        #expect(stream.ask(.workloadAddress, names: ["net/10.0.0.9"]) == [], "one question at a time")
        let six: [UInt8] = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        // In another order, without the one that nobody knows.
        let response = RelayResponse(
            typeURL: .workloadAddress, nonce: "2", version: "1",
            resources: [try workload("c", [10, 0, 0, 3]), try workload("a", [10, 0, 0, 1], six)])
        guard case .own(let answer, _)? = stream.receive(response).first else {
            Issue.record("nobody is told")
            return
        }
        let answers = PeerAnswers(answer.resources, removed: answer.removed).byAddress
        #expect(
            answers.mapValues { $0?.names.workload } == [
                "10.0.0.1": "a", "10.0.0.2": nil, "fd00::1": "a", "10.0.0.3": "c",
            ])
        #expect(!stream.ask(.workloadAddress, names: ["net/10.0.0.9"]).isEmpty)
        #expect(stream.receive(response).count == 1)
        #expect(stream.receive(response) == [], "nobody has asked")
    }

    @Test func anotherConnectionIsAskedAnew() {
        var stream = stream()
        #expect(!stream.ask(.workloadAddress, names: ["/10.0.0.1"]).isEmpty)
        stream.disconnect()
        #expect(stream.ask(.workloadAddress, names: ["/10.0.0.1"]) == [])
        _ = stream.connect()
        _ = stream.receive(RelayResponse(typeURL: .cluster, nonce: "1", version: "1", resources: []))
        #expect(!stream.ask(.workloadAddress, names: ["/10.0.0.1"]).isEmpty)
    }
}
