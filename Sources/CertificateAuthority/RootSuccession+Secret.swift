package import FoundationEssentials
import X509

extension RootSuccession {
    /// The keys of Secret `istio-ca-secret` beside those of ``CAMaterial``, there while a root is being replaced.
    package enum SecretKey {
        /// The root that will sign.
        package static let nextCertificate = "next-ca-cert.pem"
        /// Its private key.
        package static let nextPrivateKey = "next-ca-key.pem"
        /// When the present root began to sign, RFC 3339.
        package static let signingSince = "signing-since"
    }

    /// Reads and verifies the data of Secret `istio-ca-secret`.
    ///
    /// A self-signed root that has expired is read as well: it is ``step(now:policy:)`` that mends it. A successor that
    /// cannot be used counts as none: another one is made.
    ///
    /// - Throws: ``CAMaterialError``.
    package init(
        secretData: [String: [UInt8]], source: String = "the CA Secret", now: Date
    ) throws(CAMaterialError) {
        let current = try Self.material(secretData, source, now)
        let nextData = [
            CAMaterial.SecretKey.certificate: secretData[SecretKey.nextCertificate] ?? [],
            CAMaterial.SecretKey.privateKey: secretData[SecretKey.nextPrivateKey] ?? [],
        ]
        let next = try? CAMaterial(secretData: nextData, source: source, now: now)
        self.init(
            current,
            // Unless it is trusted, it would sign before anybody has heard of it.
            next: next.flatMap { current.trustBundle.certificates.contains($0.certificate) ? $0 : nil },
            signingSince: Self.date(secretData[SecretKey.signingSince]))
    }

    /// The data of Secret `istio-ca-secret`; keys without a value are there and empty.
    package var secretData: [String: [UInt8]] {
        var data = current.secretData
        data[SecretKey.nextCertificate] = next.map { Array($0.certificatePEM.utf8) }
        data[SecretKey.nextPrivateKey] = next.map { Array($0.privateKeyPEM.revealed.utf8) }
        data[SecretKey.signingSince] = signingSince.map { Array($0.formatted(.iso8601).utf8) }
        return data
    }

    private static func material(
        _ data: [String: [UInt8]], _ source: String, _ now: Date
    ) throws(CAMaterialError) -> CAMaterial {
        do {
            return try CAMaterial(secretData: data, source: source, now: now)
        } catch {
            let reader = SecretReader(data: data, source: source)
            guard error.reason == .outsideValidity, let certificate = try? reader.signingCertificate(),
                certificate.issuer == certificate.subject, now > certificate.notValidAfter
            else { throw error }
            return try CAMaterial(secretData: data, source: source, now: certificate.notValidAfter)
        }
    }

    private static func date(_ bytes: [UInt8]?) -> Date? {
        bytes.flatMap { String(validating: $0, as: UTF8.self) }.flatMap { try? Date($0, strategy: .iso8601) }
    }
}
