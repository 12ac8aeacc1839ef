import DiscoveryAPI
import EnvoyAPI
import MeshTesting
import SwiftProtobuf
import Testing

@testable import DiscoveryServer
@testable import XDSServer

/// The bytes that are written by hand are the messages that the generated code reads.
@Suite struct WireTests {
    private static let nonce = "n-1"

    private func response(_ seed: UInt64) -> DiscoveryResponse {
        var random = SeededGenerator(seed: seed)
        let sizes = [0, 1, 127, 128, 16_383, 16_384, 70_000]
        let resources = (0..<Int.random(in: 0...6, using: &random)).map { index in
            let body = [UInt8](repeating: UInt8(index), count: sizes.randomElement(using: &random) ?? 0)
            return Resource(name: String(repeating: "ü", count: index * 70 + 1), body: body)
        }
        return DiscoveryResponse(
            typeURL: .cluster, nonce: Self.nonce, version: ResourceVersion(rawValue: random.next() >> (seed % 64)),
            resources: resources, removed: seed.isMultiple(of: 3) ? ["gone", ""] : [], whole: nil)
    }

    @Test(arguments: UInt64(0)..<40) func delta(_ seed: UInt64) throws {
        let response = response(seed)
        let serializer = ResponseSerializer(variant: .delta, controlPlane: seed.isMultiple(of: 2) ? "me" : "")
        let bytes: [UInt8] = serializer.serialize(response)
        let message = try DeltaResponse(serializedBytes: bytes)

        let expected = DeltaResponse.with {
            $0.systemVersionInfo = "\(response.version)"
            $0.typeURL = TypeURL.cluster.rawValue
            $0.nonce = Self.nonce
            $0.removedResources = response.removed
            if seed.isMultiple(of: 2) { $0.controlPlane.identifier = "me" }
            $0.resources = response.resources.map { resource in
                .with {
                    $0.name = resource.name
                    $0.version = "\(resource.version)"
                    $0.resource.typeURL = TypeURL.cluster.rawValue
                    $0.resource.value.append(contentsOf: resource.body)
                }
            }
        }
        #expect(message == expected)
        #expect(serializer.size(of: response) == bytes.count)
    }

    @Test(arguments: UInt64(0)..<40) func stateOfTheWorld(_ seed: UInt64) throws {
        let response = response(seed)
        let serializer = ResponseSerializer(
            variant: .stateOfTheWorld, controlPlane: seed.isMultiple(of: 2) ? "me" : "")
        let bytes: [UInt8] = serializer.serialize(response)
        let message = try WholeResponse(serializedBytes: bytes)

        let expected = WholeResponse.with {
            $0.versionInfo = "\(response.version)"
            $0.typeURL = TypeURL.cluster.rawValue
            $0.nonce = Self.nonce
            if seed.isMultiple(of: 2) { $0.controlPlane.identifier = "me" }
            $0.resources = response.resources.map { resource in
                .with {
                    $0.typeURL = TypeURL.cluster.rawValue
                    $0.value.append(contentsOf: resource.body)
                }
            }
        }
        #expect(message == expected)
        #expect(serializer.size(of: response) == bytes.count)
    }
}
