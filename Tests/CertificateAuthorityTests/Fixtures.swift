import Crypto
import Foundation
import X509

@testable import CertificateAuthority

/// 2030-06-15T12:00:00Z, the clock of every test that can choose one.
let noon = Date(timeIntervalSince1970: 1_907_755_200)
let day: TimeInterval = 86_400

/// A certificate authority made in memory, to be taken apart and put into Secrets.
struct Authority {
    var certificate: Certificate
    var key: Certificate.PrivateKey

    /// - Parameter issuer: `nil` makes it sign itself.
    init(
        _ organization: String, issuer: Authority? = nil,
        constraints: BasicConstraints = .isCertificateAuthority(maxPathLength: nil),
        usage: KeyUsage = KeyUsage(keyCertSign: true, cRLSign: true),
        from: Date = noon - day, to: Date = noon + 365 * day
    ) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { OrganizationName(organization) }
        self.key = key
        self.certificate = try Certificate(
            version: .v3, serialNumber: .random(), publicKey: key.publicKey, notValidBefore: from, notValidAfter: to,
            issuer: issuer?.certificate.subject ?? name, subject: name,
            extensions: Certificate.Extensions {
                Critical(constraints)
                Critical(usage)
            },
            issuerPrivateKey: issuer?.key ?? key)
    }

    var certificatePEM: String { PEMBlocks.text(of: [certificate]) }
    var keyPEM: String { get throws { try PrivateKeyPEM(key).revealed } }
}

/// Secret data out of texts.
func secret(_ values: [String: String]) -> [String: [UInt8]] { values.mapValues { Array($0.utf8) } }

/// The message of the error that reading `data` at noon throws; what it returned otherwise.
func refusal(of data: [String: [UInt8]]) -> String {
    do throws(CAMaterialError) {
        let material = try CAMaterial(secretData: data, source: "Secret istio-system/cacerts", now: noon)
        return "accepted: \(material.certificate.subject)"
    } catch {
        return error.description
    }
}
