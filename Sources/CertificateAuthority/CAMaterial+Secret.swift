package import FoundationEssentials
import X509

extension CAMaterial {
    /// Reads and verifies the data of a CA's Secret, `istio-ca-secret` or the plugged-in `cacerts`.
    ///
    /// Empty values count as absent. `ca-cert.pem` and `ca-key.pem` are always needed; `root-cert.pem` unless the
    /// signing certificate is self-signed; `cert-chain.pem` unless a root signed it directly. The chain may or may
    /// not repeat the signing certificate and the root. Keys may be EC or RSA of 2048 bits or more.
    ///
    /// Verified: key belongs to certificate; every certificate up to the root is a CA, valid at `now`, and signed by
    /// the next; path length limits hold. Name constraints are left to the peers that verify leaves.
    ///
    /// - Parameters:
    ///   - secretData: The Secret's `data`, base64 already taken off.
    ///   - source: What error messages call the Secret, such as `Secret istio-system/cacerts`.
    ///   - now: The moment at which everything must be valid.
    /// - Throws: ``CAMaterialError``, about the first problem found.
    package init(
        secretData: [String: [UInt8]], source: String = "the CA Secret", now: Date
    ) throws(CAMaterialError) {
        let reader = SecretReader(data: secretData, source: source)
        let certificate = try reader.signingCertificate()
        let privateKey = try reader.privateKey(for: certificate)
        let roots = try reader.roots(for: certificate)
        let verifier = ChainVerifier(
            source: source, now: now, roots: roots, chain: try reader.certificates(SecretKey.chain) ?? [])
        let intermediates = try verifier.intermediates(above: certificate)
        self.init(
            certificate: certificate, privateKey: privateKey, intermediates: intermediates,
            trustBundle: TrustBundle(roots))
    }
}

/// Takes the parts out of a Secret's data and says which one is not right.
struct SecretReader {
    var data: [String: [UInt8]]
    var source: String

    func signingCertificate() throws(CAMaterialError) -> Certificate {
        guard let found = try certificates(CAMaterial.SecretKey.certificate), let first = found.first else {
            throw missing(CAMaterial.SecretKey.certificate, "Put the signing certificate there in PEM.")
        }
        return first
    }

    func privateKey(for certificate: Certificate) throws(CAMaterialError) -> PrivateKeyPEM {
        let name = CAMaterial.SecretKey.privateKey
        guard let text = try text(name) else {
            throw missing(name, "Put the private key of \(CAMaterial.SecretKey.certificate) there in PEM.")
        }
        let key: PrivateKeyPEM
        do {
            key = try PrivateKeyPEM(parsing: text)
        } catch {
            throw CAMaterialError(
                source: source, key: name, reason: .unreadable, found: "holds \(error.found)",
                remedy: "Put one private key there in PEM without passphrase.")
        }
        guard key.key.publicKey == certificate.publicKey else {
            throw CAMaterialError(
                source: source, key: name, reason: .keyMismatch,
                found: "is not the private key of \(CAMaterial.SecretKey.certificate) "
                    + "(subject \"\(certificate.subject)\")",
                remedy: "Put the key there that this certificate was made with, or replace both.")
        }
        return key
    }

    func roots(for certificate: Certificate) throws(CAMaterialError) -> [Certificate] {
        if let roots = try certificates(CAMaterial.SecretKey.root) { return roots }
        guard certificate.issuer == certificate.subject else {
            throw missing(
                CAMaterial.SecretKey.root,
                "\(CAMaterial.SecretKey.certificate) was issued by \"\(certificate.issuer)\": "
                    + "put that root's certificate there in PEM.")
        }
        return [certificate]
    }

    /// The certificates under a key of the Secret; `nil` when it is absent or empty.
    func certificates(_ name: String) throws(CAMaterialError) -> [Certificate]? {
        guard let text = try text(name) else { return nil }
        do {
            return try PEMBlocks.certificates(in: text)
        } catch {
            throw CAMaterialError(
                source: source, key: name, reason: .unreadable, found: "holds \(error.found)",
                remedy: "Put certificates there in PEM.")
        }
    }

    private func text(_ name: String) throws(CAMaterialError) -> String? {
        guard let bytes = data[name], bytes.contains(where: { $0 > 0x20 }) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CAMaterialError(
                source: source, key: name, reason: .unreadable, found: "holds \(bytes.count) bytes that are not text",
                remedy: "Put PEM there, not DER: openssl x509 or openssl pkey with -outform PEM converts it.")
        }
        return text
    }

    private func missing(_ name: String, _ remedy: String) -> CAMaterialError {
        let present = data.filter { !$0.value.isEmpty }.keys.sorted()
        let state = data[name] == nil ? "is missing" : "is empty"
        let others = present.isEmpty ? "no key has a value" : "keys with a value: \(present.joined(separator: ", "))"
        return CAMaterialError(
            source: source, key: name, reason: .missing, found: "\(state) (\(others))", remedy: remedy)
    }
}
