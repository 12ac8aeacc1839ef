import EnvoyTesting
import Foundation
import KubernetesModel
import Testing

@testable import EnvoyBootstrap

@Suite struct OwnBootstrapTests {
    private static let template = """
        {{- /* a gateway's own */ -}}
        node: {id: "{{ .nodeID }}", cluster: "{{ .cluster }}", metadata: {{ .meta_json_str }} }
        admin:
          address: {socket_address: {address: "{{ .localhost }}", port_value: {{ .config.ProxyAdminPort }} } }
        stats_config:
          stats_matcher:
            inclusion_list:
              patterns:
              {{- range $index, $prefix := .inclusionPrefix }}
              - prefix: {{ toJson $prefix }}
              {{- end }}
        static_resources:
          clusters:
          {{- if .zipkin }}
          - name: zipkin
            type: STRICT_DNS
            connect_timeout: {{ .connect_timeout }}
            dns_lookup_family: {{ .dns_lookup_family }}
            load_assignment:
              cluster_name: zipkin
              endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {{ .zipkin }} } } }] }]
          {{- end }}

        """

    private static func input(_ families: LocalFamilies = .ipv4) -> BootstrapInput {
        let settings = ProxySettings([["tracing": ["zipkin": ["address": "zipkin.obs:9411"]], "proxyAdminPort": 15099]])
        let node = nodeDescription(
            of: NodeInput(
                role: .router, settings: settings, labels: ["app": "edge"], addresses: ["10.0.0.7"], podName: "edge-1",
                namespace: "shop"))
        return BootstrapInput(node: node, settings: settings, families: families)
    }

    @Test func jsonWithoutActionsStaysByteForByte() throws {
        let text = "{\"admin\" : {\"address\":{}},\n \"x\": 1.50}\n"
        #expect(try ownBootstrap(text, for: Self.input()) == text)
    }

    @Test func yamlBecomesJSON() throws {
        let made = try ownBootstrap("---\nadmin: {a: 1}\nlist:\n- x\n", for: Self.input())
        #expect(try JSONValue(parsing: made) == ["admin": ["a": 1], "list": ["x"]])
    }

    @Test func templatesFindWhatTheProxyIs() throws {
        let made = try JSONValue(parsing: try ownBootstrap(Self.template, for: Self.input()))
        #expect(made["node", "id"] == "router~10.0.0.7~edge-1.shop~shop.svc.cluster.local")
        #expect(made["node", "cluster"] == "edge.shop")
        #expect(made["node", "metadata", "NAMESPACE"] == "shop")
        #expect(made["admin", "address", "socket_address"] == ["address": "127.0.0.1", "port_value": 15099])
        let prefixes = made["stats_config", "stats_matcher", "inclusion_list", "patterns"]?.array ?? []
        #expect(prefixes.contains(["prefix": "cluster_manager"]))
        let zipkin = cluster("zipkin", in: made)
        let address = zipkin?["load_assignment", "endpoints"]?.array?[0]["lb_endpoints"]?.array?[0][
            "endpoint", "address"]
        #expect(address == ["socket_address": ["address": "zipkin.obs", "port_value": 9411]])
        #expect(zipkin?["dns_lookup_family"] == "V4_ONLY")
    }

    static let lines: [(template: String, families: LocalFamilies, made: String)] = [
        (
            "{{ .nodeType }} {{ .xds_type }} {{ .wildcard }} {{ .discovery_host }}", .ipv4,
            "router DELTA_GRPC 0.0.0.0 istiod.istio-system.svc"
        ),
        ("{{ if .dual_stack }}{{ .additional_wildcard }}{{ end }} {{ .dns_lookup_family }}", .dual, ":: ALL"),
        ("{{ .localhost }} {{ .dns_lookup_family }}", .ipv6, "::1 V6_ONLY"),
        (
            "{{ .config.ConfigPath }} {{ .config.StatusPort }} {{ .config.DiscoveryAddress }}", .ipv4,
            "./etc/istio/proxy 15020 istiod.istio-system.svc:15012"
        ),
        ("{{ .envoy_status_port }} {{ .envoy_prometheus_port }}", .ipv4, "15021 15090"),
        ("{{ .statsd }}{{ .region }}{{ .outlier_log_path }}", .ipv4, ""),
        (
            "{{ .metadata.NAME }} {{ .workload_identity_socket_file }} {{ .pilot_SAN }}", .ipv4,
            #"edge-1 socket [{"exact":"istiod.istio-system.svc"}]"#
        ),
        ("{{ env \"HOME\" \"none\" }}", .ipv4, "none"),
    ]

    @Test(arguments: lines)
    func everyVariableHasItsValue(_ template: String, _ families: LocalFamilies, _ made: String) throws {
        let yaml = try ownBootstrap("line: '\(template)'", for: Self.input(families))
        #expect(try JSONValue(parsing: yaml)["line"]?.string == made)
    }

    static let broken: [(text: String, says: String)] = [
        ("{\"a\": ", "not JSON"), ("a: [", "neither JSON nor YAML"), ("[1]", "not an object"),
        ("just words", "not a map"),
        ("a: 1\n---\nb: 2\n", "2 documents"), ("", "0 documents"), ("a: {{ .b", "line 1"),
        ("a: 1\nb: {{ nonsense .c }}", "line 2"), ("{\"a\": {{ .no_such_thing }}", "what it makes is neither"),
    ]

    @Test(arguments: broken)
    func whatIsNotWholeIsRefused(_ text: String, _ says: String) {
        #expect {
            try ownBootstrap(text, for: Self.input())
        } throws: { error in
            (error as? OwnBootstrapError)?.description.contains(says) == true
        }
    }

    @Test func anOverrideStaysAsItIs() throws {
        #expect(try bootstrapOverride("stats_flush_interval: 7s\n") == "stats_flush_interval: 7s\n")
        #expect(throws: OwnBootstrapError.self) { try bootstrapOverride("{\"a\"") }
    }

    @Test(.enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func envoyTakesWhatATemplateMakes() throws {
        let (isValid, output) = try EnvoyProgram.validate(
            Array(try ownBootstrap(Self.template, for: Self.input()).utf8), ending: "json")
        #expect(isValid, "\(output)")
    }
}
