package import CertificateAuthority
import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
package import KubernetesModel

/// What is read of a Secret that holds a certificate authority: `cacerts` or `istio-ca-secret`.
package struct AuthoritySecret: KubernetesObject, Keyed, Hashable {
    /// Key of certificates that were taken back, PEM; only `cacerts` has it.
    package static let revocationsKey = "ca-crl.pem"

    package var metadata: ObjectMeta
    /// No log and no dump shows it.
    package var data: Secret<[String: [UInt8]]>

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        data = Self.decoded(try fields.decodeIfPresent([String: String].self, forKey: .data) ?? [:])
    }

    /// Reads a whole object.
    init(_ object: UnstructuredObject) {
        metadata = object.metadata
        data = Self.decoded((object.json["data"]?.object ?? [:]).compactMapValues(\.string))
    }

    private static func decoded(_ texts: [String: String]) -> Secret<[String: [UInt8]]> {
        Secret(texts.compactMapValues { Data(base64Encoded: $0).map { Array($0) } })
    }

    private enum CodingKeys: String, CodingKey { case metadata, data }

    /// What it holds, verified.
    ///
    /// - Throws: `CAMaterialError`.
    package func succession(now: Date) throws(CAMaterialError) -> RootSuccession {
        try RootSuccession(secretData: data.exposed, source: "Secret \(key)", now: now)
    }

    /// The list of certificates that were taken back, PEM; nil: there is none.
    var revocations: String? {
        guard let bytes = data.exposed[Self.revocationsKey], bytes.contains(where: { $0 > 0x20 }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
