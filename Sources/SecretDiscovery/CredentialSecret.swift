import ControllerRuntime
import FoundationEssentials
package import KubernetesClient
package import KubernetesModel

/// What is read of a Secret that may hold a gateway's certificate, or who one is to registries: its known keys, and
/// nothing of all others.
package struct CredentialSecret: KubernetesObject, Keyed, Hashable {
    /// Keys of a Secret's data. Of several that mean the same the first one counts.
    package enum Part: String, CaseIterable, Sendable {
        case certificate = "cert"
        case tlsCertificate = "tls.crt"
        case key = "key"
        case tlsKey = "tls.key"
        case authority = "cacert"
        case tlsAuthority = "ca.crt"
        case revocations = "crl"
        case tlsRevocations = "ca.crl"
        case staple = "tls.ocsp-staple"
        case dockerConfig = ".dockerconfigjson"
    }

    package var metadata: ObjectMeta
    /// No log and no dump shows it.
    package var parts: Secret<[String: [UInt8]]>

    package init(key: ObjectKey, parts: [Part: [UInt8]]) {
        metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        self.parts = Secret(
            Dictionary(uniqueKeysWithValues: parts.map { ($0.key.rawValue, $0.value) }))
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let read = try fields.decode(ObjectMeta.self, forKey: .metadata)
        // Secrets may be many: only what tells them is kept of their metadata.
        metadata = ObjectMeta(name: read.name, namespace: read.namespace)
        let data = try fields.decodeIfPresent(PartialData.self, forKey: .data)
        parts = Secret(data?.parts ?? [:])
    }

    private enum CodingKeys: String, CodingKey { case metadata, data }

    /// Nil for a part that is not there or empty.
    subscript(_ part: Part) -> [UInt8]? { parts.exposed[part.rawValue].flatMap { $0.isEmpty ? nil : $0 } }
}

/// The known keys of a Secret's data.
private struct PartialData: Decodable {
    var parts: [String: [UInt8]] = [:]

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        for part in CredentialSecret.Part.allCases {
            let name = Name(stringValue: part.rawValue)
            guard let text = try fields.decodeIfPresent(String.self, forKey: name) else { continue }
            parts[part.rawValue] = Data(base64Encoded: text).map(Array.init) ?? []
        }
    }
}
