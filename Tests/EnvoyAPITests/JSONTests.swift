import EnvoyAPI
import SwiftProtobuf
import Testing

@Suite("JSON as people write it in EnvoyFilters")
struct JSONTests {
    @Test("Both spellings of fields, superseded fields, durations and known types in an Any are read")
    func patchesAreRead() throws {
        KnownTypes.register()
        let cluster = try Envoy_Config_Cluster_V3_Cluster(
            jsonString: """
                {
                  "connect_timeout": "1.5s",
                  "http2_protocol_options": {},
                  "lbPolicy": "RING_HASH",
                  "transport_socket": {
                    "name": "tls",
                    "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                      "sni": "example.com"
                    }
                  }
                }
                """)
        #expect(cluster.connectTimeout == .init(seconds: 1, nanos: 500_000_000))
        #expect(cluster.hasHTTP2ProtocolOptions)
        #expect(cluster.lbPolicy == .ringHash)
        let context = try Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext(
            unpackingAny: cluster.transportSocket.typedConfig)
        #expect(context.sni == "example.com")
    }

    @Test("A field that does not exist is an error that names it")
    func unknownFieldsAreErrors() {
        let error = #expect(throws: (any Error).self) {
            try Envoy_Config_Cluster_V3_Cluster(jsonString: #"{"conect_timeout": "1s"}"#)
        }
        #expect("\(error, default: "")".contains("conect_timeout"))
    }

    @Test("A TypedStruct keeps what is inside as it is")
    func typedStructsAreRead() throws {
        KnownTypes.register()
        let filter = try Envoy_Config_Listener_V3_Filter(
            jsonString: """
                {
                  "name": "x",
                  "typed_config": {
                    "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
                    "type_url": "type.googleapis.com/example.Unknown",
                    "value": {"a": [1, null, {"b": "c"}]}
                  }
                }
                """)
        let inner = try Udpa_Type_V1_TypedStruct(unpackingAny: filter.typedConfig)
        #expect(inner.typeURL == "type.googleapis.com/example.Unknown")
        #expect(inner.value == ["a": .init(listValue: [1, nil, .init(structValue: ["b": "c"])])])
    }

    @Test("Types are found by URL, and each is listed once")
    func typesAreFound() {
        let url = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
        #expect(KnownTypes.type(ofURL: url) is Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy.Type)
        #expect(KnownTypes.type(ofURL: "example.com/no.such.Type") == nil)
        #expect(KnownTypes.type(ofURL: "without-a-slash") == nil)
    }
}
