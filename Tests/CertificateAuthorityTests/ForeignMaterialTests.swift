import Foundation
import Testing
import X509

@testable import CertificateAuthority

/// Secrets that others made: an istiod that ran here before, or an administrator with openssl.
@Suite struct ForeignMaterialTests {
    /// Istiod's own root is RSA 2048 in PKCS#1; other forms come from administrators.
    @Test(arguments: ["rsa:2048 pkcs1", "rsa:2048 pkcs8", "rsa:4096 pkcs8", "P-256 sec1", "P-384 sec1", "P-384 pkcs8"])
    func acceptsRootsMadeByOpenSSL(_ kind: String) throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try openssl.makeRoot(kind)
        let data = [
            "ca-cert.pem": try openssl.bytes(of: "root.pem"), "ca-key.pem": try openssl.bytes(of: "key.pem"),
            "cert-chain.pem": [], "key.pem": [], "root-cert.pem": [],
        ]
        let now = Date()
        let material = try CAMaterial(secretData: data, source: "Secret istio-system/istio-ca-secret", now: now)

        let server = try material.serverCertificate(
            names: ["istiod.istio-system.svc"], lifetime: .seconds(3600), now: now)
        try openssl.write(server.certificateChainPEM, to: "server.pem")
        let verified = try openssl.run(
            "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "istiod.istio-system.svc",
            "-CAfile", "root.pem", "server.pem")
        #expect(verified.succeeded, "\(verified.output)")
    }

    /// cacerts as Istio's documentation has people make it: the chain repeats the signing certificate and the root.
    @Test(arguments: [true, false])
    func acceptsAnIntermediate(chainRepeatsEnds: Bool) throws {
        let root = try Authority("Root")
        let middle = try Authority("Middle", issuer: root)
        let signing = try Authority("Signing", issuer: middle)
        let inner = middle.certificatePEM
        let data = secret([
            "ca-cert.pem": signing.certificatePEM, "ca-key.pem": try signing.keyPEM,
            "root-cert.pem": root.certificatePEM,
            "cert-chain.pem": chainRepeatsEnds ? signing.certificatePEM + inner + root.certificatePEM : inner,
        ])
        let material = try CAMaterial(secretData: data, source: "Secret istio-system/cacerts", now: noon)
        #expect(material.intermediates == [middle.certificate])
        #expect(material.trustBundle == TrustBundle([root.certificate]))
        #expect(material.rootCertificatePEM == root.certificatePEM)

        let server = try material.serverCertificate(names: ["a.example"], lifetime: .seconds(60), now: noon)
        #expect(server.chain == [signing.certificate, middle.certificate])

        let openssl = try OpenSSL()
        defer { openssl.remove() }
        try openssl.write(root.certificatePEM, to: "root.pem")
        try openssl.write(server.certificateChainPEM, to: "server.pem")
        let moment = String(Int(noon.timeIntervalSince1970))
        let verified = try openssl.run(
            "verify", "-attime", moment, "-purpose", "sslserver", "-verify_hostname", "a.example",
            "-CAfile", "root.pem", "-untrusted", "server.pem", "server.pem")
        #expect(verified.succeeded, "\(verified.output)")
        let stranger = try openssl.run(
            "verify", "-attime", moment, "-verify_hostname", "b.example", "-CAfile", "root.pem",
            "-untrusted", "server.pem", "server.pem")
        #expect(!stranger.succeeded)
    }

    /// Several roots in root-cert.pem, as during a change of roots: all are trusted, one signs.
    @Test func trustsEveryRootGiven() throws {
        let old = try Authority("Old")
        let new = try Authority("New")
        let data = secret([
            "ca-cert.pem": new.certificatePEM, "ca-key.pem": try new.keyPEM,
            "root-cert.pem": old.certificatePEM + new.certificatePEM,
        ])
        let material = try CAMaterial(secretData: data, now: noon)
        #expect(material.trustBundle == TrustBundle([new.certificate, old.certificate]))
        #expect(try CAMaterial(secretData: material.secretData, now: noon) == material)
    }

    @Test func skipsTextAroundBlocks() throws {
        let root = try Authority("Root")
        let data = secret([
            "ca-cert.pem": "# the mesh's root\r\n" + root.certificatePEM.replacing("\n", with: "\r\n") + "bye\n",
            "ca-key.pem": "\n" + (try root.keyPEM),
        ])
        #expect(try CAMaterial(secretData: data, now: noon).certificate == root.certificate)
    }
}

extension OpenSSL {
    /// Makes `key.pem` and `root.pem`; kind is "<algorithm> <form of the key>".
    func makeRoot(_ kind: String) throws {
        let words = kind.split(separator: " ").map(String.init)
        let algorithm = words[0]
        if algorithm.hasPrefix("rsa:") {
            try run("genrsa", "-out", "generated.pem", String(algorithm.dropFirst(4)))
        } else {
            try run("ecparam", "-name", algorithm, "-genkey", "-out", "generated.pem")
        }
        switch words[1] {
        case "pkcs1": try run("rsa", "-in", "generated.pem", "-traditional", "-out", "key.pem")
        case "pkcs8": try run("pkcs8", "-topk8", "-nocrypt", "-in", "generated.pem", "-out", "key.pem")
        default: try write(String(decoding: bytes(of: "generated.pem"), as: UTF8.self), to: "key.pem")
        }
        try run(
            "req", "-x509", "-new", "-key", "key.pem", "-sha256", "-days", "3650", "-subj", "/O=cluster.local",
            "-addext", "keyUsage=critical,keyCertSign", "-out", "root.pem")
    }
}
