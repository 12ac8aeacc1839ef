import Foundation
import MeshTesting
import SwiftASN1
import Testing
import X509

@testable import CertificateAuthority

/// Lists that openssl makes.
@Suite struct RevocationListTests {
    private func leaf(_ material: CAMaterial) throws -> Certificate {
        let key = try CertificateRequest(spiffeID: "spiffe://a/ns/a/sa/a").privateKey.key.publicKey
        return try CertificateIssuer(material).issue(
            to: ["spiffe://a/ns/a/sa/a"], publicKey: key, lifetime: .seconds(day), now: noon
        ).certificate
    }

    @Test(arguments: [nil, 2048] as [Int?]) func whatIsTakenBackIsKnown(_ bits: Int?) throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let material = try SelfSignedRoot(rsaBits: bits).material(now: noon - day)
        let other = try SelfSignedRoot().material(now: noon - day)
        let (bad, good) = (try leaf(material), try leaf(material))
        let text = try openssl.revocationList(of: material, [bad.serialNumber])
        let list = try #require(try RevocationList.parse(text).first)
        #expect(list.issuer == material.certificate.subject)
        #expect(list.serialNumbers == [bad.serialNumber])
        #expect(list.revokes(bad) && !list.revokes(good))
        #expect(list.isSigned(by: material.certificate))
        // Another authority of the same name.
        #expect(!list.isSigned(by: other.certificate))
        #expect(try RevocationList.parse(text + openssl.revocationList(of: other, [])).count == 2)
        #expect(try RevocationList.parse(openssl.revocationList(of: other, []))[0].serialNumbers.isEmpty)
    }

    @Test func rubbishIsRefused() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let material = try SelfSignedRoot().material(now: noon - day)
        let bytes = try PEMDocument(pemString: openssl.revocationList(of: material, [.random(), .random()])).derBytes
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            var changed = bytes
            let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let lists = try? RevocationList.parse(PEMDocument(type: "X509 CRL", derBytes: changed).pemString)
            // Whatever it says now: nobody signed that.
            #expect(!(lists?.first?.isSigned(by: material.certificate) ?? false), "bit \(bit)")
        }
        for text in ["", "x", material.certificatePEM, "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"] {
            #expect(throws: PEMProblem.self) { try RevocationList.parse(text) }
        }
    }
}

extension OpenSSL {
    /// A list of an authority, PEM.
    func revocationList(of material: CAMaterial, _ serials: [Certificate.SerialNumber]) throws -> String {
        try write(material.certificatePEM, to: "ca.pem")
        try write(material.privateKeyPEM.revealed, to: "ca-key.pem")
        let rows = serials.map { serial in
            let hex = serial.bytes.map { String(format: "%02X", $0) }.joined()
            return "R\t301231235959Z\t260101000000Z\t\(hex)\tunknown\t/CN=a\n"
        }
        try write(rows.joined(), to: "index.txt")
        try write(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n", to: "ca.conf")
        let made = try run(
            "ca", "-gencrl", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca-key.pem", "-out", "crl.pem")
        guard made.succeeded else { throw Failure(output: made.output) }
        return String(decoding: try bytes(of: "crl.pem"), as: UTF8.self)
    }
}
