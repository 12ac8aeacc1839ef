import Foundation
import MeshTesting
import SwiftASN1
import Testing
import X509

@testable import CertificateAuthority

@Suite struct SigningRequestTests {
    private func problem(_ text: String) -> String {
        do throws(PEMProblem) {
            return "accepted: \(try SigningRequest(parsing: text).publicKey)"
        } catch {
            return error.found
        }
    }

    @Test(arguments: OpenSSL.keyKinds) func readsWhatOpenSSLMakes(_ kind: String) throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let text = try openssl.request(kind, subject: "/CN=evil", names: "DNS:evil.example")
        let request = try SigningRequest(parsing: "some words before\n" + text)
        try openssl.run("req", "-in", "request.pem", "-noout", "-pubkey", "-out", "public.pem")
        let key = try String(decoding: openssl.bytes(of: "public.pem"), as: UTF8.self)
        #expect(try request.publicKey.serializeAsPEM() == PEMDocument(pemString: key))
    }

    @Test func readsOurs() throws {
        let made = try CertificateRequest(spiffeID: "spiffe://cluster.local/ns/a/sa/b")
        #expect(try SigningRequest(parsing: made.pem).publicKey == made.privateKey.key.publicKey)
    }

    /// Keys that are too short, and curves that nobody speaks.
    @Test(arguments: ["rsa:1024", "ec:secp256k1"]) func refusesWeakKeys(_ kind: String) throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        #expect(problem(try openssl.request(kind)).contains("cannot be read"))
    }

    @Test func refusesOtherThings() throws {
        let request = try CertificateRequest(spiffeID: "spiffe://cluster.local/ns/a/sa/b")
        let root = try SelfSignedRoot().material(now: noon)
        for (text, words) in [
            ("", "no PEM block"), ("rubbish", "no PEM block"), (request.pem + request.pem, "2 PEM blocks"),
            (root.certificatePEM, "CERTIFICATE REQUEST belongs"),
            (String(request.pem.dropLast(40)), "broken PEM block"),
            (String(repeating: "\n", count: SigningRequest.longest + 1), "32769 bytes"),
        ] {
            #expect(problem(text).contains(words), "\(problem(text))")
        }
        // What is not understood is not quoted: somebody may send a private key.
        let key = request.privateKey.revealed
        #expect(problem(key).contains("CERTIFICATE REQUEST belongs"))
        #expect(!problem(key).contains(key.dropFirst(40).prefix(40)))
    }

    /// Whoever does not hold the key cannot have a certificate for it: the request of one with the signature of another.
    @Test func refusesAnotherKeysSignature() throws {
        let (own, other) = (
            try CertificateRequest(spiffeID: "spiffe://a/ns/a/sa/a"),
            try CertificateRequest(spiffeID: "spiffe://a/ns/a/sa/a")
        )
        let (mine, theirs) = (
            try CertificateSigningRequest(pemEncoded: own.pem), try CertificateSigningRequest(pemEncoded: other.pem)
        )
        let forged = try CertificateSigningRequest(
            version: .v1, subject: mine.subject, publicKey: mine.publicKey, attributes: mine.attributes,
            signatureAlgorithm: mine.signatureAlgorithm, signature: theirs.signature)
        let text = try forged.serializeAsPEM().pemString
        #expect(problem(text).contains("not signed with the key"))
    }

    /// No bit can be changed so that a request asks for something else.
    @Test(arguments: 0..<4) func refusesChangedBits(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let name = "spiffe://cluster.local/ns/a/sa/b"
        let request = try CertificateRequest(spiffeID: name)
        let bytes = try PEMDocument(pemString: request.pem).derBytes
        var accepted = 0
        for _ in 0..<200 {
            var changed = bytes
            let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let text = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: changed).pemString
            guard let read = try? SigningRequest(parsing: text) else { continue }
            // The signature's count of unused bits does not count.
            #expect(read.publicKey == request.privateKey.key.publicKey && read.problem(askingFor: [name]) == nil)
            accepted += 1
        }
        #expect(accepted < 5)
    }

    /// Whatever is sent: an answer, never a crash.
    @Test func survivesRubbish() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let text = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: bytes).pemString
            #expect(!problem(text).hasPrefix("accepted"))
        }
    }
}

extension OpenSSL {
    /// Kinds of keys, as ``request(_:subject:names:)`` takes them.
    static let keyKinds = ["ec:P-256", "ec:P-384", "ec:P-521", "rsa:2048", "rsa:4096", "ed25519"]

    /// Makes a key and a request for it: `key.pem`, `request.pem`.
    func request(_ kind: String, subject: String = "/", names: String? = nil) throws -> String {
        let key =
            if let curve = kind.split(separator: ":").last, kind.hasPrefix("ec:") {
                ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)"]
            } else {
                ["-newkey", kind]
            }
        let extensions = names.map { ["-addext", "subjectAltName=\($0)", "-addext", "basicConstraints=CA:TRUE"] } ?? []
        let made = try run(
            arguments: ["req", "-new", "-nodes", "-keyout", "key.pem", "-out", "request.pem", "-subj", subject] + key
                + extensions)
        guard made.succeeded else { throw Failure(output: made.output) }
        return String(decoding: try bytes(of: "request.pem"), as: UTF8.self)
    }

    struct Failure: Error { var output: String }
}
