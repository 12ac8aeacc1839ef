import Foundation
import Testing
import X509

@testable import CertificateAuthority

@Suite struct SelfSignedRootTests {
    /// openssl reads every property that peers rely on.
    @Test func opensslReadsTheRoot() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let root = try SelfSignedRoot(trustDomain: "mesh.example").material(now: noon)
        try openssl.write(root.certificatePEM, to: "root.pem")

        let text = try openssl.run("x509", "-in", "root.pem", "-noout", "-text").output
        #expect(text.contains("Issuer: O = mesh.example"))
        #expect(text.contains("Subject: O = mesh.example"))
        #expect(text.contains("Not Before: Jun 15 11:58:00 2030 GMT"))
        #expect(text.contains("Not After : Jun 12 12:00:00 2040 GMT"))
        #expect(text.contains("NIST CURVE: P-256"))
        #expect(text.contains("Signature Algorithm: ecdsa-with-SHA256"))
        #expect(text.contains(/Basic Constraints: critical\n\s+CA:TRUE\n/))
        #expect(text.contains(/Key Usage: critical\n\s+Digital Signature, Certificate Sign, CRL Sign\n/))
        #expect(text.contains("X509v3 Subject Key Identifier"))

        let serial = try openssl.run("x509", "-in", "root.pem", "-noout", "-serial").output
        #expect(serial.contains(/^serial=[4-7][0-9A-F]{31}\n/), "128 bits, positive: \(serial)")

        let moment = String(Int(noon.timeIntervalSince1970))
        let verified = try openssl.run("verify", "-x509_strict", "-attime", moment, "-CAfile", "root.pem", "root.pem")
        #expect(verified.succeeded, "\(verified.output)")
    }

    /// The key in the Secret is the certificate's, in a form openssl reads.
    @Test func opensslMatchesTheKey() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let root = try SelfSignedRoot().material(now: noon)
        try openssl.write(root.certificatePEM, to: "root.pem")
        try openssl.write(root.privateKeyPEM.revealed, to: "key.pem")
        let fromKey = try openssl.run("pkey", "-in", "key.pem", "-pubout").output
        let fromCertificate = try openssl.run("x509", "-in", "root.pem", "-noout", "-pubkey").output
        #expect(fromKey == fromCertificate)
        #expect(fromKey.contains("BEGIN PUBLIC KEY"))
    }

    @Test func isAnotherRootEachTime() throws {
        let one = try SelfSignedRoot().material(now: noon)
        let two = try SelfSignedRoot().material(now: noon)
        #expect(one.certificate.serialNumber != two.certificate.serialNumber)
        #expect(one.privateKey != two.privateKey)
    }

    /// What goes into istio-ca-secret comes back equal, with the keys Istio's Secret has.
    @Test func survivesItsSecret() throws {
        let root = try SelfSignedRoot().material(now: noon)
        let data = root.secretData
        #expect(data.keys.sorted() == ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "key.pem", "root-cert.pem"])
        #expect(data.filter { $0.value.isEmpty }.keys.sorted() == ["cert-chain.pem", "key.pem", "root-cert.pem"])
        let read = try CAMaterial(secretData: data, source: "Secret istio-system/istio-ca-secret", now: noon)
        #expect(read == root)
        #expect(read.rootCertificatePEM == root.certificatePEM)
        #expect(read.issuingChain.isEmpty)
    }
}
