import KubernetesModel
import MeshValidation
import Metrics

/// Keeps objects out that would make no sense to the mesh.
package struct ValidationJudge: AdmissionJudging {
    package init() {}

    package func verdict(on request: AdmissionRequest, path: String) async -> AdmissionVerdict {
        guard ["CREATE", "UPDATE"].contains(request.operation) else { return .allowed() }
        guard request.object.object != nil else {
            ValidationMetrics.failed(request, reason: "invalid_resource")
            return .denied(message: "cannot check the configuration: the request holds no object")
        }
        // On its way out it may only lose its finalizers: nothing of that can be wrong.
        guard request.object["metadata", "deletionTimestamp"] == nil else { return .allowed() }
        let diagnostics = configurationDiagnostics(of: UnstructuredObject(request.object))
        let warnings = diagnostics.filter { $0.severity == .warning }.map(\.description)
        let errors = diagnostics.filter { $0.severity == .error }.map(\.description)
        guard !errors.isEmpty else {
            ValidationMetrics.passed(request)
            return .allowed(warnings: warnings)
        }
        ValidationMetrics.failed(request, reason: "invalid_resource")
        return .denied(
            message: "configuration is invalid: \(errors.joined(separator: "; "))", warnings: warnings)
    }
}

extension ValidationJudge {
    package func refused(status: Int) { ValidationMetrics.refused(status: status) }
}

/// Istio's metrics of validation.
enum ValidationMetrics {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("galley_validation_passed", "Objects that were found good.", nil),
        ("galley_validation_failed", "Objects that were refused.", nil),
        ("galley_validation_http_error", "Calls that hold no object, by the status they are answered with.", nil),
    ]

    static func passed(_ request: AdmissionRequest) {
        Counter(label: "galley_validation_passed", dimensions: labels(request)).increment()
    }

    static func failed(_ request: AdmissionRequest, reason: String) {
        Counter(label: "galley_validation_failed", dimensions: labels(request) + [("reason", reason)]).increment()
    }

    static func refused(status: Int) {
        Counter(label: "galley_validation_http_error", dimensions: [("status", "\(status)")]).increment()
    }

    /// Of what clients say only what a kind of ours says: there must be no end of series.
    private static func labels(_ request: AdmissionRequest) -> [(String, String)] {
        guard isConfigurationGroup(request.kind.group) else {
            return [("group", "other"), ("resource", "other"), ("version", "other")]
        }
        return [
            ("group", request.kind.group), ("resource", knownResource(request.resource)),
            ("version", request.kind.version.count <= 10 ? request.kind.version : "other"),
        ]
    }

    private static func knownResource(_ name: String) -> String { isConfigurationPlural(name) ? name : "other" }
}
