import KubernetesModel
import Metrics

/// Gives Pods their sidecars.
///
/// A Pod that cannot get its sidecar is refused: without one it would talk past the mesh.
package struct InjectionJudge: AdmissionJudging {
    private let inject: @Sendable (InjectionCall) async -> InjectionAnswer
    private let metrics = InjectionMetrics()

    package init(_ inject: @escaping @Sendable (InjectionCall) async -> InjectionAnswer) { self.inject = inject }

    package func verdict(on request: AdmissionRequest, path: String) async -> AdmissionVerdict {
        let start = ContinuousClock.now
        let answer = await answer(to: request, path)
        metrics.count(answer, took: ContinuousClock.now - start)
        switch answer {
        case .skipped: return .allowed()
        case .injected(let patch, let warnings): return .allowed(patch: patch, warnings: warnings)
        case .failed(let message): return .denied(message: message)
        }
    }

    private func answer(to request: AdmissionRequest, _ path: String) async -> InjectionAnswer {
        guard request.kind == Self.pod else { return .skipped }
        guard request.object.object != nil else {
            return .failed(message: "cannot inject: the request holds no Pod")
        }
        let namespace = request.namespace.isEmpty ? request.object["metadata", "namespace"]?.string : request.namespace
        return await inject(
            InjectionCall(
                pod: request.object, namespace: namespace ?? "default",
                environment: injectionEnvironment(ofPath: path)))
    }

    private static let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")
}

/// Istio's metrics of injection.
struct InjectionMetrics: Sendable {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("sidecar_injection_requests_total", "Pods that came for injection.", nil),
        ("sidecar_injection_success_total", "Pods that got a sidecar.", nil),
        ("sidecar_injection_failure_total", "Pods that were refused because injection failed.", nil),
        ("sidecar_injection_skip_total", "Pods that were left as they are.", nil),
        (
            "sidecar_injection_time_seconds", "Time that an injection took.",
            [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
        ),
    ]

    private let requests = Counter(label: "sidecar_injection_requests_total")
    private let successes = Counter(label: "sidecar_injection_success_total")
    private let failures = Counter(label: "sidecar_injection_failure_total")
    private let skips = Counter(label: "sidecar_injection_skip_total")
    private let time = Timer(label: "sidecar_injection_time_seconds")

    func count(_ answer: InjectionAnswer, took duration: Duration) {
        requests.increment()
        switch answer {
        case .injected: successes.increment()
        case .skipped: skips.increment()
        case .failed: failures.increment()
        }
        time.record(duration: duration)
    }
}
