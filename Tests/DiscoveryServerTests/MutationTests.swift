import DiscoveryAPI
import EnvoyAPI
import Foundation
import GRPCCore
import MeshTesting
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer

/// Requests that are broken in many ways: read or refused, never a crash, and nothing grows beyond its limits.
///
/// `APUS_SEED` and `APUS_RUNS` choose which and how many: `Hack/campaign xds-mutations`.
@Suite struct MutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["APUS_SEED"].flatMap { UInt64($0) } ?? 1
    private static let runs = environment["APUS_RUNS"].flatMap { UInt64($0) } ?? 4
    private static let requestsPerRun = 2000

    @Test(arguments: seed..<seed + runs) func requests(_ seed: UInt64) throws {
        var mutations = Mutations(seed: seed)
        let wholes: [[UInt8]] = try [
            WholeRequest.subscribe(.cluster), .subscribe(.endpoint, ["a", "b"]), .subscribe(.debug, ["syncz"]),
            .with {
                $0.typeURL = TypeURL.route.rawValue
                $0.responseNonce = "s-1"
                $0.versionInfo = "0000000000000001"
                $0.errorDetail.message = "no"
                $0.resourceNames = ["80", "443"]
            },
        ].map { try $0.serializedBytes() }
        let deltas: [[UInt8]] = try [
            DeltaRequest.subscribe(.cluster, ["*"]), .subscribe(.endpoint, ["a"]),
            .with {
                $0.typeURL = TypeURL.endpoint.rawValue
                $0.responseNonce = "s-2"
                $0.resourceNamesUnsubscribe = ["a"]
                $0.initialResourceVersions = ["a": "0000000000000001", "b": "x"]
            },
        ].map { try $0.serializedBytes() }
        for variant in [ProtocolVariant.stateOfTheWorld, .delta] {
            var limits = StreamLimits()
            limits.requestBurst = .greatestFiniteMagnitude
            limits.names = 50
            var now = ContinuousClock.now
            var stream = ADSStream(id: "s", variant: variant, limits: limits, now: now)
            var understood = 0
            for _ in 0..<Self.requestsPerRun {
                let bytes = mutations.mutate(variant == .delta ? deltas : wholes)
                guard let received = try? read(bytes, variant) else { continue }
                _ = received.node.flatMap { try? NodeIdentity($0) }
                now += .milliseconds(1)
                let actions = stream.receive(received.request, now: now) + stream.tick(now: now)
                _ = stream.publish(snapshots(&mutations), now: now)
                for case .send(let response) in actions {
                    let whole: [UInt8] = ResponseSerializer(variant: variant, controlPlane: "c").serialize(response)
                    #expect(!whole.isEmpty)
                }
                #expect(stream.status.types.count <= limits.types)
                #expect(stream.status.types.allSatisfy { stream.heldVersions(of: $0.typeURL).count <= limits.names })
                understood += 1
                if stream.isClosed { stream = ADSStream(id: "s", variant: variant, limits: limits, now: now) }
            }
            // Almost right is often right enough to get past the decoder.
            #expect(understood > Self.requestsPerRun / 4)
            #expect(understood < Self.requestsPerRun)
        }
    }

    private func read(_ bytes: [UInt8], _ variant: ProtocolVariant) throws -> ReceivedRequest {
        switch variant {
        case .stateOfTheWorld: try StateOfTheWorldDeserializer().deserialize(bytes)
        case .delta: try DeltaDeserializer().deserialize(bytes)
        }
    }

    private func snapshots(_ mutations: inout Mutations) -> [TypeURL: ResourceSnapshot] {
        let names = ["a", "b", "80", "443"].filter { _ in mutations.coin() }
        let resources = names.map { Resource(name: $0, body: [UInt8.random(in: 0...3, using: &mutations.generator)]) }
        return [
            [.cluster, .endpoint, .route, .listener].randomElement(using: &mutations.generator) ?? .cluster:
                ResourceSnapshot(resources)
        ]
    }
}

/// Bytes that are almost right.
struct Mutations {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func coin() -> Bool { Bool.random(using: &generator) }

    /// One of these with a few changes, or joined with another.
    mutating func mutate(_ samples: [[UInt8]]) -> [UInt8] {
        var bytes = samples.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 3: if place < bytes.count { bytes.remove(at: place) }
            case 4: bytes.removeSubrange(place...)
            case 5:
                let part = bytes[place..<min(bytes.count, place + Int.random(in: 0...20, using: &generator))]
                bytes.insert(contentsOf: part, at: place)
            default: bytes += samples.randomElement(using: &generator) ?? []
            }
        }
        return bytes
    }
}
