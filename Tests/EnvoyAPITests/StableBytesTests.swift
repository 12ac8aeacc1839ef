import EnvoyAPI
import SwiftProtobuf
import Testing

@Suite("Bytes of messages")
struct StableBytesTests {
    /// The same policies, put in from another end each time.
    private func variants() -> [Envoy_Config_Rbac_V3_RBAC] {
        let names = (0..<20).map { "policy-\($0)" }
        return (0..<50).map { turn in
            .with {
                for index in names.indices {
                    $0.policies[names[(index + turn) % names.count]] = .with {
                        $0.permissions = [.with { $0.any = true }]
                    }
                }
            }
        }
    }

    @Test("Equal messages with maps have equal bytes, whatever the order in which the maps were filled")
    func equalMessagesHaveEqualBytes() throws {
        let variants = variants()
        #expect(Set(variants).count == 1)
        #expect(Set(try variants.map { try $0.serializedBytes() as [UInt8] }).count > 1, "the maps do differ in order")
        #expect(Set(try variants.map { try $0.stableBytes() }).count == 1)
    }

    @Test("So do messages that hold them in an Any")
    func equalMessagesInAnAnyHaveEqualBytes() throws {
        let filters = try variants().map { rules in
            try Envoy_Config_Listener_V3_Filter.with {
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_Filters_Network_Rbac_V3_RBAC.with { $0.rules = rules })
            }
        }
        #expect(Set(try filters.map { try $0.stableBytes() }).count == 1)
    }

    @Test("Map entries are written in the order of their keys")
    func mapEntriesAreInOrder() throws {
        let message = Xds_Core_V3_ContextParams.with { $0.params = ["b": "2", "a": "1", "c": "3"] }
        #expect(
            try message.stableBytes()
                == [0x0a, 6, 0x0a, 1, 0x61, 0x12, 1, 0x31]
                + [0x0a, 6, 0x0a, 1, 0x62, 0x12, 1, 0x32]
                + [0x0a, 6, 0x0a, 1, 0x63, 0x12, 1, 0x33])
    }

    @Test("A packed message says what it is and can be taken out again")
    func packedMessagesCanBeUnpacked() throws {
        let cluster = try Samples.cluster()
        let packed = try Google_Protobuf_Any(packing: cluster)
        #expect(packed.typeURL == "type.googleapis.com/envoy.config.cluster.v3.Cluster")
        #expect(try Envoy_Config_Cluster_V3_Cluster(unpackingAny: packed) == cluster)
    }

    @Test("Fields of a newer peer survive")
    func unknownFieldsSurvive() throws {
        // Field 9999, a varint, as no definition has it.
        let newer = try Samples.loadAssignment.stableBytes() + [0xf8, 0xf0, 0x04, 0x07]
        let read = try Envoy_Config_Endpoint_V3_ClusterLoadAssignment(serializedBytes: newer)
        #expect(read.clusterName == Samples.loadAssignment.clusterName)
        #expect(try read.stableBytes() == newer)
    }
}
