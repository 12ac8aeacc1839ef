import Foundation
import KubernetesModel
import Testing

/// A desired object and what a real API server made of it, `managedFields` included.
///
/// `Fixtures/Apply/<object>.desired.yaml` was applied by `kubectl apply --server-side --field-manager=istio-operator`
/// to Kubernetes 1.20; `<object>.live.json` is what `kubectl get --show-managed-fields -o json` gave then, and
/// `<object>.<edit>.live.json` the same after `kubectl patch --field-manager=kubectl-edit`.
struct ApplyCase {
    static let manager = "istio-operator"

    var desired: UnstructuredObject
    var live: UnstructuredObject

    init(_ object: String, after edit: String? = nil) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/Apply")
        let yaml = try String(contentsOf: folder.appending(path: "\(object).desired.yaml"), encoding: .utf8)
        let file = edit.map { "\(object).\($0).live.json" } ?? "\(object).live.json"
        let json = try Data(contentsOf: folder.appending(path: file))
        desired = UnstructuredObject(try #require(JSONValue.documents(yaml: yaml).first))
        live = UnstructuredObject(try JSONValue(parsing: json))
    }

    /// Names of the objects among the fixtures.
    static var objects: [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/Apply")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".desired.yaml") }.map { String($0.dropLast(".desired.yaml".count)) }
            .sorted()
    }

    var difference: String? { applyDifference(from: live, to: desired, manager: ApplyCase.manager) }
}
