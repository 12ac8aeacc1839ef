import Foundation
import Testing
import X509

@testable import CertificateAuthority

@Suite struct ServerCertificateTests {
    let names = ["istiod.istio-system.svc", "istiod.istio-system.svc.cluster.local", "*.mesh.example"]

    @Test func opensslReadsAndVerifies() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let root = try SelfSignedRoot().material(now: noon)
        let server = try root.serverCertificate(names: names, lifetime: .seconds(86_400), now: noon + day)
        try openssl.write(root.rootCertificatePEM, to: "root.pem")
        try openssl.write(server.certificateChainPEM, to: "server.pem")
        #expect(server.chain.isEmpty)

        let text = try openssl.run("x509", "-in", "server.pem", "-noout", "-text").output
        #expect(text.contains(/Subject: *\n/))
        #expect(text.contains("Not Before: Jun 16 11:58:00 2030 GMT"))
        #expect(text.contains("Not After : Jun 17 12:00:00 2030 GMT"))
        #expect(
            text.contains(
                /Subject Alternative Name: critical\n\s+DNS:istiod.istio-system.svc, DNS:istiod.istio-system.svc.cluster.local, DNS:\*.mesh.example\n/
            ))
        #expect(text.contains(/Basic Constraints: critical\n\s+CA:FALSE\n/))
        #expect(text.contains(/Key Usage: critical\n\s+Digital Signature\n/))
        #expect(text.contains("TLS Web Server Authentication, TLS Web Client Authentication"))

        func verified(as name: String, at moment: Date) throws -> Bool {
            try openssl.run(
                "verify", "-x509_strict", "-attime", String(Int(moment.timeIntervalSince1970)), "-purpose", "sslserver",
                "-verify_hostname", name, "-CAfile", "root.pem", "server.pem"
            ).succeeded
        }
        for name in ["istiod.istio-system.svc", "istiod.istio-system.svc.cluster.local", "x.mesh.example"] {
            #expect(try verified(as: name, at: noon + day))
        }
        #expect(try !verified(as: "evil.example", at: noon + day))
        #expect(try !verified(as: "istiod.istio-system.svc", at: noon + 3 * day))
    }

    /// A leaf that outlives its issuer is refused by verifiers: the issuer's end is the limit.
    @Test func staysWithinTheIssuer() throws {
        let root = try SelfSignedRoot(lifetime: .seconds(3600)).material(now: noon)
        let server = try root.serverCertificate(names: names, lifetime: .seconds(86_400), now: noon)
        #expect(server.certificate.notValidAfter == root.certificate.notValidAfter)
        #expect(server.certificate.notValidBefore == root.certificate.notValidBefore)
    }

    @Test func signsForAKeyWeDoNotHold() throws {
        let root = try SelfSignedRoot().material(now: noon)
        let holder = try Authority("Holder")
        let leaf = try root.serverCertificate(
            names: names, publicKey: holder.key.publicKey, lifetime: .seconds(60), now: noon)
        #expect(leaf.publicKey == holder.key.publicKey)
        #expect(root.certificate.publicKey.isValidSignature(leaf.signature, for: leaf))
    }

    @Test(arguments: [
        "", "a..b", "-a.b", "a-.b", "a b", "istiod.*.svc", "a_b", "*", "ünï.example", ".a",
        String(repeating: "a", count: 64),
    ])
    func refusesWhatIsNotADNSName(_ name: String) throws {
        let root = try SelfSignedRoot().material(now: noon)
        #expect(throws: InvalidServerName(name: name)) {
            try root.serverCertificate(names: ["good.example", name], lifetime: .seconds(60), now: noon)
        }
    }

    @Test func saysWhatToDoAboutNames() throws {
        let root = try SelfSignedRoot().material(now: noon)
        let nameless = #expect(throws: InvalidServerName.self) {
            try root.serverCertificate(names: [], lifetime: .seconds(60), now: noon)
        }
        #expect(
            nameless?.description == "cannot issue a server certificate without a name. "
                + "Give at least one DNS name, such as istiod.istio-system.svc.")
        #expect(
            InvalidServerName(name: "a b").description
                == "cannot issue a server certificate for \"a b\": it is not a DNS name. "
                + "Use letters, digits, '-' and '.', at most 63 between dots; '*' only as the whole first label.")
    }
}
