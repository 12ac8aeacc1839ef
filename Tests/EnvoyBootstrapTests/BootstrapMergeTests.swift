import EnvoyBootstrap
import KubernetesModel
import Testing

@Suite struct BootstrapMergeTests {
    @Test func messagesAreMergedAndListsJoined() {
        let own: JSONValue = [
            "admin": ["address": ["socket_address": ["address": "127.0.0.1", "port_value": 15000]]],
            "stats_config": ["stats_matcher": ["inclusion_list": ["patterns": [["prefix": "a"]]]]],
            "static_resources": ["clusters": [["name": "xds-grpc"]]],
            "tracing": ["http": ["name": "zipkin", "typed_config": ["@type": "t/Zipkin", "shared": true]]],
        ]
        let part: JSONValue = [
            "stats_flush_interval": "7s",
            "admin": ["address": ["pipe": ["path": "/admin"]]],
            "stats_config": ["stats_matcher": ["inclusion_list": ["patterns": [["prefix": "b"]]]]],
            "static_resources": ["clusters": [["name": "other"]], "listeners": [["name": "l"]]],
            "tracing": ["http": ["typed_config": ["@type": "t/Other"]]],
        ]
        let expected: JSONValue = [
            "stats_flush_interval": "7s",
            "admin": ["address": ["pipe": ["path": "/admin"]]],
            "stats_config": ["stats_matcher": ["inclusion_list": ["patterns": [["prefix": "a"], ["prefix": "b"]]]]],
            "static_resources": ["clusters": [["name": "xds-grpc"], ["name": "other"]], "listeners": [["name": "l"]]],
            "tracing": ["http": ["name": "zipkin", "typed_config": ["@type": "t/Other"]]],
        ]
        #expect(bootstrap(own, amendedBy: part) == expected)
        #expect(bootstrap(own, amendedBy: [:]) == own)
    }
}
