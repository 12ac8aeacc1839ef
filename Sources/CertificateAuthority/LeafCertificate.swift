import FoundationEssentials
import X509

extension CAMaterial {
    /// A certificate for a server and client with an empty subject: its names are critical, as RFC 5280 section 4.2.1.6
    /// asks.
    ///
    /// - Parameters:
    ///   - names: What the holder is called; at least one.
    ///   - publicKey: The holder's.
    ///   - lifetime: How long from `now`; never beyond this CA's own end.
    ///   - now: The moment of signing.
    /// - Throws: What the crypto library reports.
    func leaf(
        names: [GeneralName], publicKey: Certificate.PublicKey, lifetime: Duration, now: Date
    ) throws -> Certificate {
        let validity = Validity(now: now, lifetime: lifetime, within: self.validity)
        // Copied from the CA where present: its identifier need not be the hash that we would compute.
        let issuerIdentifier =
            try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
            ?? SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier
        return try Certificate(
            version: .v3,
            serialNumber: .random(),
            publicKey: publicKey,
            notValidBefore: validity.notBefore,
            notValidAfter: validity.notAfter,
            issuer: certificate.subject,
            subject: DistinguishedName(),
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                // RSA keys encrypt other keys in TLS 1.2.
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: publicKey.isRSA))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                Critical(SubjectAlternativeNames(names))
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: issuerIdentifier)
            },
            issuerPrivateKey: privateKey.key)
    }
}

extension Certificate.PublicKey {
    /// Whether the key is of the RSA kind: then it can encrypt.
    var isRSA: Bool { description.hasPrefix("RSA") }
}
