import Foundation
import Testing
import X509

@testable import CertificateAuthority

/// Certificates of workloads, read and verified by openssl.
@Suite struct CertificateIssuerTests {
    private static let reviews = "spiffe://cluster.local/ns/default/sa/reviews"

    /// Of every kind that signs; valid around noon.
    private func authority(_ kind: String) throws -> CAMaterial {
        switch kind {
        case "self-signed P-256": return try SelfSignedRoot().material(now: noon - day)
        case "self-signed RSA": return try SelfSignedRoot(rsaBits: 2048).material(now: noon - day)
        default:
            let root = try Authority("Root")
            let middle = try Authority("Middle", issuer: root)
            let signing = try Authority("Signing", issuer: middle)
            return try CAMaterial(
                secretData: secret([
                    "ca-cert.pem": signing.certificatePEM, "ca-key.pem": signing.keyPEM,
                    "root-cert.pem": root.certificatePEM, "cert-chain.pem": middle.certificatePEM,
                ]), now: noon)
        }
    }

    @Test(arguments: ["self-signed P-256", "self-signed RSA", "plugged in"], OpenSSL.keyKinds)
    func opensslVerifies(_ kind: String, _ key: String) throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let material = try authority(kind)
        let request = try SigningRequest(
            parsing: openssl.request(
                key, subject: "/CN=evil", names: "DNS:evil.example,URI:spiffe://cluster.local/ns/istio-system/sa/istiod"
            ))
        let issued = try CertificateIssuer(material).issue(
            to: [Self.reviews], publicKey: request.publicKey, lifetime: .seconds(3600), now: noon)
        #expect(issued.chainPEM.count == (kind == "plugged in" ? 4 : 2))
        #expect(issued.chainPEM.last == material.rootCertificatePEM)
        try openssl.write(issued.chainPEM[0], to: "leaf.pem")
        try openssl.write(issued.chainPEM.dropLast().joined(), to: "chain.pem")
        try openssl.write(issued.chainPEM.last ?? "", to: "roots.pem")
        for purpose in ["sslserver", "sslclient"] {
            for (moment, isGood) in [
                (noon - 119, true), (noon + 3599, true), (noon - 121, false), (noon + 3601, false),
            ] {
                let verified = try openssl.run(
                    "verify", "-attime", String(Int(moment.timeIntervalSince1970)), "-purpose", purpose,
                    "-CAfile", "roots.pem", "-untrusted", "chain.pem", "leaf.pem")
                #expect(verified.succeeded == isGood, "\(purpose) at \(moment): \(verified.output)")
            }
        }
        let text = try openssl.run("x509", "-in", "leaf.pem", "-noout", "-text").output
        #expect(text.contains(/Subject: *\n/))
        #expect(text.contains("Alternative Name: critical\n                URI:\(Self.reviews)\n"))
        #expect(!text.contains("evil") && !text.contains("istiod"))
        #expect(text.contains("CA:FALSE"))
        #expect(text.contains("Key Encipherment") == key.hasPrefix("rsa"))
        // It is for the key of the request: its holder can use it.
        let own = try openssl.run("pkey", "-in", "key.pem", "-pubout").output
        #expect(try openssl.run("x509", "-in", "leaf.pem", "-noout", "-pubkey").output == own)
    }

    @Test func endsWithItsIssuer() throws {
        let material = try SelfSignedRoot(lifetime: .seconds(3600)).material(now: noon)
        let key = try CertificateRequest(spiffeID: Self.reviews).privateKey.key.publicKey
        let issuer = CertificateIssuer(material)
        let issued = try issuer.issue(to: [Self.reviews], publicKey: key, lifetime: .seconds(day), now: noon + 1800)
        #expect(issued.certificate.notValidAfter == material.certificate.notValidAfter)
        let late = #expect(throws: IssuerOutsideValidity.self) {
            try issuer.issue(to: [Self.reviews], publicKey: key, lifetime: .seconds(60), now: noon + 3601)
        }
        #expect(
            late?.description
                == "cannot issue certificates: the signing certificate \"O=cluster.local\" is valid from "
                + "2030-06-15T11:58:00Z to 2030-06-15T13:00:00Z only: replace it")
    }

    @Test func lifetimesHaveALimit() throws {
        let policy = LifetimePolicy()
        #expect(try policy.granted(seconds: 0) == .seconds(86_400))
        #expect(try policy.granted(seconds: -5) == .seconds(86_400))
        #expect(try policy.granted(seconds: 1) == .seconds(1))
        #expect(try policy.granted(seconds: 90 * 86_400) == .seconds(90 * 86_400))
        for seconds in [90 * 86_400 + 1, .max] as [Int64] {
            let error = #expect(throws: LifetimeTooLong.self) { try policy.granted(seconds: seconds) }
            #expect(error?.description.contains("MAX_WORKLOAD_CERT_TTL") ?? false)
        }
        #expect(LifetimePolicy(standard: .seconds(100), maximum: .seconds(10)).standard == .seconds(10))
    }
}
