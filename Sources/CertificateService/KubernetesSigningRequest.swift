import FoundationEssentials
import KubernetesClient
import KubernetesModel

/// A CertificateSigningRequest of Kubernetes for a workload.
struct KubernetesSigningRequest: Hashable, Sendable {
    /// Newest first.
    static let versions = ["v1", "v1beta1"]

    var name: String
    /// PEM.
    var csr: String
    var signer: String
    var lifetime: Duration

    static func resource(_ version: String) -> APIResource {
        APIResource(
            group: "certificates.k8s.io", version: version, kind: "CertificateSigningRequest",
            plural: "certificatesigningrequests", isNamespaced: false)
    }

    func object(_ version: String) -> UnstructuredObject {
        var spec: JSONValue = [
            "request": .string(Data(csr.utf8).base64EncodedString()), "signerName": .string(signer),
            "usages": ["digital signature", "key encipherment", "server auth", "client auth"],
        ]
        // Signers need not heed it; servers refuse less than ten minutes, and old ones do not know it.
        if version == "v1" { spec["expirationSeconds"] = .integer(max(600, lifetime.components.seconds)) }
        return UnstructuredObject([
            "apiVersion": .string("certificates.k8s.io/\(version)"), "kind": "CertificateSigningRequest",
            "metadata": ["name": .string(name)], "spec": spec,
        ])
    }

    /// The same object, approved; what others said of it stays.
    func approved(_ live: UnstructuredObject) -> UnstructuredObject {
        var object = live
        let others = live.json["status", "conditions"]?.array ?? []
        let approval: JSONValue = [
            "type": "Approved", "status": "True", "reason": "WorkloadAuthenticated",
            "message": "The mesh's control plane knows the workload that asks.",
        ]
        object.json["status", "conditions"] = .array(others + [approval])
        return object
    }

    /// What became of a request.
    enum Outcome: Hashable, Sendable {
        case waiting
        /// PEM.
        case signed(String)
        case refused(String)
    }

    /// Reads its status.
    static func outcome(_ status: JSONValue?) -> Outcome {
        for condition in status?["conditions"]?.array ?? [] {
            let type = condition["type"]?.string ?? ""
            guard ["Denied", "Failed"].contains(type), condition["status"]?.string != "False" else { continue }
            let why = [condition["reason"]?.string, condition["message"]?.string].compactMap(\.self)
            return .refused(([type] + why).joined(separator: ", "))
        }
        guard let text = status?["certificate"]?.string, !text.isEmpty else { return .waiting }
        guard let bytes = Data(base64Encoded: text), let pem = String(validating: bytes, as: UTF8.self) else {
            return .refused("its status.certificate is not base64 of PEM")
        }
        return .signed(pem)
    }
}
