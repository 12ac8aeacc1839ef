import KubernetesModel
import Metrics
import Observability
import Testing

@testable import AdmissionWebhook

@Suite("Metrics of validation")
struct ValidationMetricsTests {
    private static func request(kind: String = "Gateway", resource: String = "gateways", _ object: JSONValue) throws
        -> AdmissionRequest
    {
        let review: JSONValue = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "u", "operation": "CREATE", "namespace": "shop", "object": object,
                "kind": ["group": "networking.istio.io", "version": "v1", "kind": .string(kind)],
                "resource": ["group": "networking.istio.io", "version": "v1", "resource": .string(resource)],
            ],
        ]
        return try AdmissionRequest(parsing: review.jsonBytes)
    }

    private static func gateway(port: Int) -> JSONValue {
        [
            "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
            "metadata": ["name": "g", "namespace": "shop"],
            "spec": [
                "selector": ["app": "x"],
                "servers": [
                    [
                        "port": ["number": .integer(Int64(port)), "name": "http", "protocol": "HTTP"],
                        "hosts": ["a.example"],
                    ]
                ],
            ],
        ]
    }

    /// The series of Istio's that are told, with their values.
    private static func told(_ registry: MetricsRegistry) -> Set<String> {
        Set(registry.prometheusText().split(separator: "\n").filter { $0.hasPrefix("galley_") }.map(String.init))
    }

    @Test("What was found good, and what was refused") func verdicts() async throws {
        let registry = MetricsRegistry()
        try await withMetricsFactory(registry) {
            let judge = ValidationJudge()
            for port in [80, 8080, 99999] {
                let verdict = await judge.verdict(on: try Self.request(Self.gateway(port: port)), path: "/validate")
                let isAllowed = verdict == .allowed()
                #expect(isAllowed == (port != 99999))
            }
            _ = await judge.verdict(on: try Self.request(resource: "made-up", .null), path: "/validate")
            judge.refused(status: 400)
        }
        let labels = #"group="networking.istio.io""#
        let refused = #"galley_validation_failed{\#(labels),reason="invalid_resource""#
        #expect(
            Self.told(registry) == [
                #"galley_validation_passed{\#(labels),resource="gateways",version="v1"} 2"#,
                #"\#(refused),resource="gateways",version="v1"} 1"#, #"\#(refused),resource="other",version="v1"} 1"#,
                #"galley_validation_http_error{status="400"} 1"#,
            ])
    }

    @Test("Writes into webhook configurations: those of validation are told apart") func writes() {
        let registry = MetricsRegistry()
        withMetricsFactory(registry) {
            for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
                let reference = WebhookReference(kind: kind, name: "w")
                PatchMetrics.succeeded(reference)
                for reason in ["conflict", "gone", "conflict"] { PatchMetrics.failed(reference, reason: reason) }
            }
        }
        #expect(
            Self.told(registry) == [
                "galley_validation_config_updates 1",
                #"galley_validation_config_update_error{reason="conflict"} 2"#,
                #"galley_validation_config_update_error{reason="gone"} 1"#,
            ])
        #expect(registry.prometheusText().contains(#"webhook_patch_failures_total{name="w",reason="conflict"} 4"#))
    }
}
