import GRPCCore
import Observability
import ProxyAgent
import Testing

@testable import DNSProxy
@testable import StatusServer
@testable import WasmPlugins
@testable import WorkloadCredentials
@testable import XDSRelay

/// The agent tells of itself under the names, and with the labels, that dashboards of Istio ask for.
@Suite struct AgentMetricsTests {
    private struct Refused: Error {}

    private func page(_ count: (MetricsRegistry) -> Void) -> String {
        let registry = MetricsRegistry()
        for metric in ProxyAgent.metricDescriptions {
            registry.describe(metric.name, help: metric.help, buckets: metric.buckets)
        }
        count(registry)
        var page = ExpositionPage()
        let malformed = page.add(Array(registry.prometheusText().utf8), naming: .under(prefix: "istio_agent_"))
        #expect(malformed == 0)
        return String(decoding: page.bytes, as: UTF8.self)
    }

    @Test func everyNameIsThereFromTheStart() {
        let page = page { registry in
            _ = (CertificateMetrics(registry), SecretMetrics(registry), RelayMetrics(registry), NameMetrics(registry))
            _ = (ModuleMetrics(registry), StatusMetrics(factory: registry))
        }
        let kinds = [
            "dns_requests_total": "counter", "dns_upstream_failures_total": "counter",
            "dns_upstream_request_duration_seconds": "histogram", "dns_upstream_requests_total": "counter",
            "envoy_connection_terminations": "counter", "istiod_connection_failures": "counter",
            "istiod_connection_terminations": "counter", "num_failed_outgoing_requests": "counter",
            "num_file_secret_failures_total": "counter", "num_file_watcher_failures_total": "counter",
            "num_outgoing_requests": "counter", "num_outgoing_retries": "counter", "outgoing_latency": "counter",
            "pilot_total_xds_rejects": "counter", "pilot_xds_pushes": "counter", "pilot_xds_send_time": "histogram",
            "scrapes_total": "counter", "wasm_cache_entries": "gauge", "xds_proxy_requests": "counter",
            "xds_proxy_responses": "counter",
        ]
        for (name, kind) in kinds {
            #expect(page.contains("# TYPE istio_agent_\(name) \(kind)\n"), "\(name)")
            #expect(page.contains("# HELP istio_agent_\(name) "), "\(name)")
        }
        #expect(!page.contains("cert_expiry_seconds"), "a certificate that is not there has not ended")
    }

    @Test func requestsToTheAuthorityAndToOthersAreToldApart() {
        let page = page { registry in
            let (certificates, tokens) = (CertificateMetrics(registry), TokenMetrics(registry))
            certificates.asked(isRetry: false, took: .milliseconds(1500), succeeded: false)
            certificates.asked(isRetry: true, took: .milliseconds(250), succeeded: true)
            tokens.asked(isRetry: false, took: .milliseconds(3), succeeded: true)
            certificates.fileFailed(Refused())
        }
        for line in [
            #"num_outgoing_requests{request_type="csr"} 2"#, #"num_outgoing_retries{request_type="csr"} 1"#,
            #"num_failed_outgoing_requests{request_type="csr"} 1"#, #"outgoing_latency{request_type="csr"} 1750"#,
            #"num_outgoing_requests{request_type="token_exchange"} 1"#,
            #"outgoing_latency{request_type="token_exchange"} 3"#, "num_file_secret_failures_total 1",
            "num_file_watcher_failures_total 0",
        ] {
            #expect(page.contains("istio_agent_\(line)\n"), "\(line)")
        }
    }

    @Test func streamsEndInTwoWays() {
        let page = page { registry in
            let relay = RelayMetrics(registry)
            relay.connectionEnded(.init(nil))
            relay.connectionEnded(.init(RPCError(code: .unavailable, message: "gone")))
            relay.connectionEnded(.init(RPCError(code: .permissionDenied, message: "no")))
            relay.proxyEnded(.init(CancellationError()))
            relay.proxyEnded(.init(Refused()))
        }
        for line in [
            #"istiod_connection_terminations{type="cancelled"} 2"#, #"istiod_connection_terminations{type="error"} 1"#,
            #"envoy_connection_terminations{type="cancelled"} 1"#, #"envoy_connection_terminations{type="error"} 1"#,
        ] {
            #expect(page.contains("istio_agent_\(line)\n"), "\(line)")
        }
    }

    @Test func modulesAreToldOfByWhatBecameOfThem() {
        let page = page { registry in
            let modules = ModuleMetrics(registry)
            modules.set(entries: 3)
            modules.countLookup(isHit: true)
            modules.countFetch(failed: nil)
            modules.countFetch(failed: .checksum)
            modules.countConversion(.unmarshalFailure)
            modules.recordConversion(.milliseconds(3))
        }
        for line in [
            "wasm_cache_entries 3", #"wasm_cache_lookup_count{hit="true"} 1"#,
            #"wasm_remote_fetch_count{result="success"} 1"#,
            #"wasm_remote_fetch_count{result="checksum_mismatched"} 1"#,
            #"wasm_config_conversion_count{result="unmarshal_failure"} 1"#,
            #"wasm_config_conversion_duration_bucket{le="2"} 0"#, #"wasm_config_conversion_duration_bucket{le="4"} 1"#,
        ] {
            #expect(page.contains("istio_agent_\(line)\n"), "\(line)")
        }
    }
}
