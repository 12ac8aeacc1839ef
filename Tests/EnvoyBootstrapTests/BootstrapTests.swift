import EnvoyTesting
import Foundation
import KubernetesModel
import Testing

@testable import EnvoyBootstrap

/// A sidecar's bootstrap, with these settings.
func sidecar(_ settings: JSONValue = .object([:]), change: (inout BootstrapInput) -> Void = { _ in }) -> JSONValue {
    let settings = ProxySettings([settings])
    let node = nodeDescription(
        of: NodeInput(
            role: .sidecar, settings: settings, labels: ["app": "web"], addresses: ["10.0.0.7"], podName: "web-1",
            namespace: "shop"))
    var input = BootstrapInput(node: node, settings: settings)
    change(&input)
    return bootstrap(for: input)
}

/// The cluster of a bootstrap with this name.
func cluster(_ name: String, in bootstrap: JSONValue) -> JSONValue? {
    bootstrap["static_resources", "clusters"]?.array?.first { $0["name"]?.string == name }
}

@Suite struct BootstrapTests {
    @Test func findsTheAgentByItsSockets() {
        let bootstrap = sidecar { $0.discoverySocket = "./x/XDS" }
        let endpoint = cluster("xds-grpc", in: bootstrap)?["load_assignment", "endpoints"]?.array?[0]
        let address = endpoint?["lb_endpoints"]?.array?[0]["endpoint", "address"]
        #expect(address?["pipe", "path"]?.string == "./x/XDS")
        let source = bootstrap["dynamic_resources", "ads_config"]
        #expect(source?["api_type"]?.string == "DELTA_GRPC")
        let service = source?["grpc_services"]?.array?[0]
        #expect(service?["envoy_grpc", "cluster_name"]?.string == "xds-grpc")
    }

    @Test func asksForEverythingWhenToldTo() {
        let bootstrap = sidecar { $0.usesDeltaDiscovery = false }
        #expect(bootstrap["dynamic_resources", "ads_config", "api_type"]?.string == "GRPC")
    }

    @Test(arguments: [(LocalFamilies.ipv4, "0.0.0.0", 0), (.ipv6, "::", 0), (.dual, "0.0.0.0", 1)])
    func listensOnWhatThePodHas(_ families: LocalFamilies, _ address: String, _ others: Int) {
        let bootstrap = sidecar { $0.families = families }
        for listener in bootstrap["static_resources", "listeners"]?.array ?? [] {
            #expect(listener["address", "socket_address", "address"]?.string == address)
            #expect((listener["additional_addresses"]?.array ?? []).count == others)
        }
        let admin = bootstrap["admin", "address", "socket_address", "address"]?.string
        #expect(admin == (families == .ipv6 ? "::1" : "127.0.0.1"))
    }

    @Test func keepsTheStatisticsThatAreAskedFor() {
        let matcher: JSONValue = [
            "inclusionPrefixes": ["cluster.outbound"], "inclusionSuffixes": ["upstream_rq_timeout"],
            "inclusionRegexps": [".*circuit_breakers.*"],
        ]
        let bootstrap = sidecar(["proxyStatsMatcher": matcher]) {
            $0.annotations = [
                "sidecar.istio.io/statsInclusionPrefixes": "tcp, http",
                "sidecar.istio.io/statsInclusionRegexps": "a{1,2}",
            ]
        }
        let patterns = bootstrap["stats_config", "stats_matcher", "inclusion_list", "patterns"]?.array ?? []
        let asked: [JSONValue] = [
            ["prefix": "cluster.outbound"], ["prefix": "tcp"], ["prefix": "http"], ["suffix": "upstream_rq_timeout"],
            ["safe_regex": ["regex": ".*circuit_breakers.*"]], ["safe_regex": ["regex": "a{1,2}"]],
            ["prefix": "mesh."], ["prefix": "server"],
        ]
        for pattern in asked { #expect(patterns.contains(pattern), "\(pattern) is not kept") }
    }

    @Test func countsInThePodsBuckets() {
        let bootstrap = sidecar {
            $0.annotations["sidecar.istio.io/statsHistogramBuckets"] = #"{"mesh.istio":[1,2,3]}"#
        }
        let first = bootstrap["stats_config", "histogram_bucket_settings"]?.array?.first
        #expect(first == ["match": ["prefix": "mesh.istio"], "buckets": [1, 2, 3]])
    }

    @Test func bucketsOfTheMeshsOwnStatisticsGoByTheNameThatIstioGivesThem() {
        let annotations = ["sidecar.istio.io/statsHistogramBuckets": #"{"istiocustom.istio_request_b":[1,2.5]}"#]
        let settings = sidecar { $0.annotations = annotations }["stats_config", "histogram_bucket_settings"]?.array
        #expect(settings?.first == ["match": ["prefix": "mesh.istio_request_b"], "buckets": [1, 2.5]])
        #expect(histogramBounds(of: "mesh.istio_request_bytes", annotations: annotations) == [1, 2.5])
        let standard = histogramBounds(of: "mesh.istio_response_bytes", annotations: annotations)
        #expect(standard.count == 19 && standard.first == 0.5 && standard.last == 3_600_000)
        let buckets = settings?.last?["buckets"]?.array
        #expect(buckets == standard.map { .double($0) }, "Envoy counts in those, and so does the agent")
    }

    @Test func theAgentCountsInBucketsThatAscend() {
        let annotations = ["sidecar.istio.io/statsHistogramBuckets": #"{"mesh.istio":[10,1,2.5,10]}"#]
        #expect(histogramBounds(of: "mesh.istio_request_bytes", annotations: annotations) == [1, 2.5, 10])
    }

    @Test func layersPeoplesFlagsOverOurs() {
        let bootstrap = sidecar([
            "runtimeValues": ["envoy.reloadable_features.http_reject_path_with_fragment": "true", "a": "x", "b": "7"]
        ])
        let flags = bootstrap["layered_runtime", "layers"]?.array?[0]["static_layer"]
        #expect(flags?["envoy.reloadable_features.http_reject_path_with_fragment"] == true)
        #expect(flags?["a"] == "x")
        #expect(flags?["b"] == 7)
    }

    @Test func sendsSpansWhereProxyConfigSays() {
        let bootstrap = sidecar(["tracing": ["zipkin": ["address": "zipkin.obs:9411"]]])
        #expect(bootstrap["tracing", "http", "typed_config", "collector_cluster"]?.string == "zipkin")
        let collector = cluster("zipkin", in: bootstrap)
        #expect(collector?["type"]?.string == "STRICT_DNS")
        #expect(sidecar()["tracing"] == nil)
    }

    @Test func holdsItsOwnClustersToAPolicy() {
        func parameters(_ policy: CompliancePolicy?) -> JSONValue? {
            let tracing: JSONValue = ["zipkin": ["address": "z:9411"], "tlsSettings": ["mode": "SIMPLE"]]
            let found = cluster("zipkin", in: sidecar(["tracing": tracing]) { $0.compliance = policy })
            return found?["transport_socket", "typed_config", "common_tls_context", "tls_params"]
        }
        #expect(parameters(nil) == ["tls_maximum_protocol_version": "TLSv1_3"])
        #expect(parameters(.fips1402)?["tls_maximum_protocol_version"] == "TLSv1_2")
        #expect(parameters(.fips1402)?["ecdh_curves"] == ["P-256"])
        #expect(parameters(.fips1403)?["compliance_policies"] == ["FIPS_202205"])
        #expect(parameters(.postQuantum)?["tls_minimum_protocol_version"] == "TLSv1_3")
        #expect(parameters(.postQuantum)?["ecdh_curves"] == ["X25519MLKEM768"])
    }

    @Test(.enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"), arguments: Variant.all)
    func isAcceptedByEnvoy(_ variant: Variant) throws {
        let (isValid, output) = try EnvoyProgram.validate(variant.bootstrap.jsonBytes, ending: "json")
        #expect(isValid, "\(output)")
        // The tracer of ProxyConfig has no other place than this one.
        let warnings = output.split(separator: "\n").filter {
            $0.contains("[warning]") && !$0.contains("Bootstrap.tracing")
        }
        #expect(warnings.isEmpty)
    }
}

/// A bootstrap that Envoy is shown.
struct Variant: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bootstrap: JSONValue

    static let all = [
        Variant(testDescription: "plain", bootstrap: sidecar()),
        Variant(testDescription: "dual stack", bootstrap: sidecar { $0.families = .dual }),
        Variant(testDescription: "IPv6", bootstrap: sidecar { $0.families = .ipv6 }),
        Variant(
            testDescription: "state of the world, JSON logs, outliers",
            bootstrap: sidecar {
                $0.usesDeltaDiscovery = false
                $0.logsAsJSON = true
                $0.outlierLogPath = "/dev/stdout"
            }),
        Variant(
            testDescription: "everything that ProxyConfig can ask for",
            bootstrap: sidecar([
                "tracing": ["zipkin": ["address": "127.0.0.1:9411"], "tlsSettings": ["mode": "ISTIO_MUTUAL"]],
                "envoyMetricsService": [
                    "address": "metrics.obs:15010", "tcpKeepalive": ["probes": 3, "time": "10s", "interval": "5s"],
                    "tlsSettings": ["mode": "SIMPLE", "sni": "metrics.obs", "subjectAltNames": ["metrics.obs"]],
                ],
                "envoyAccessLogService": ["address": "logs.obs:15010"], "statsdUdpAddress": "127.0.0.1:8125",
                "extraStatTags": ["request_host"], "statsEvictionInterval": "60s",
                "proxyStatsMatcher": ["inclusionRegexps": [".*outlier.*"]],
                "runtimeValues": ["re2.max_program_size.error_level": "1024"],
            ]) {
                $0.annotations = [
                    "sidecar.istio.io/statsHistogramBuckets": #"{"cluster.xds":[1,5,10]}"#,
                    "sidecar.istio.io/statsFlushInterval": "10s",
                ]
            }),
        Variant(
            testDescription: "Datadog",
            bootstrap: sidecar(["tracing": ["datadog": ["address": "127.0.0.1:8126"]]])),
    ]
}
