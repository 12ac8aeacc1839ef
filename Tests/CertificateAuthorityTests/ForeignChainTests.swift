import Foundation
import Testing
import X509

@testable import CertificateAuthority

/// What other authorities give is verified; what they are given asks for no more than is due.
@Suite struct ForeignChainTests {
    private let names = ["spiffe://cluster.local/ns/default/sa/reviews"]
    private let root: Authority
    private let middle: Authority
    private let request: CertificateRequest
    private var key: Certificate.PublicKey { request.privateKey.key.publicKey }

    init() throws {
        root = try Authority("Root")
        middle = try Authority("Middle", issuer: root)
        request = try CertificateRequest(spiffeID: names[0])
    }

    private func leaf(_ names: [String]? = nil, key: Certificate.PublicKey? = nil, at moment: Date = noon) throws
        -> String
    {
        let material = CAMaterial(
            certificate: middle.certificate, privateKey: try PrivateKeyPEM(middle.key), intermediates: [],
            trustBundle: TrustBundle([root.certificate]))
        return try CertificateIssuer(material).issue(
            to: names ?? self.names, publicKey: key ?? self.key, lifetime: .seconds(3600), now: moment
        ).chainPEM[0]
    }

    private func result(_ text: String, trusting roots: [Authority]) -> Result<[String], ForeignChainProblem> {
        Result { () throws(ForeignChainProblem) in
            try ForeignChain(text, for: key, names: names, roots: TrustBundle(roots.map(\.certificate)), now: noon)
                .chainPEM
        }
    }

    private func problem(_ text: String, trusting roots: [Authority]? = nil) -> String {
        switch result(text, trusting: roots ?? [root]) {
        case .success: "accepted"
        case .failure(let problem): problem.description
        }
    }

    @Test func aChainToARootOfTheMesh() throws {
        let leaf = try leaf()
        let expected = [leaf, middle.certificatePEM, root.certificatePEM]
        #expect(result(leaf + middle.certificatePEM, trusting: [root]) == .success(expected))
        // Signers may add their root: it is trusted, as who set the signer wants it.
        #expect(result(leaf + middle.certificatePEM + root.certificatePEM, trusting: []) == .success(expected))
        #expect(result(leaf, trusting: [middle]) == .success([leaf, middle.certificatePEM]))
    }

    @Test func anythingElseIsRefused() throws {
        let chain = middle.certificatePEM
        let stranger = try Authority("Root")
        #expect(problem("").contains("no PEM block"))
        #expect(problem(try leaf(key: middle.key.publicKey) + chain).contains("another key"))
        #expect(problem(try leaf(["spiffe://cluster.local/ns/default/sa/admin"]) + chain).contains("sa/admin"))
        #expect(problem(try leaf(names + ["spiffe://a/b"]) + chain).contains("spiffe://a/b"))
        #expect(problem(try leaf(at: noon - day) + chain).contains("not valid now"))
        #expect(problem(try leaf() + chain, trusting: [stranger]).contains("no root"))
        #expect(problem(try leaf()).contains("no root"))
        #expect(problem(try leaf() + stranger.certificatePEM, trusting: []).contains("no root"))
    }

    @Test func requestsThatAskForMoreAreRefused() throws {
        func problem(_ pem: String) throws -> String? {
            try SigningRequest(parsing: pem).problem(askingFor: names)?.found
        }
        #expect(try problem(request.pem) == nil)
        #expect(try problem(CertificateRequest(spiffeID: "spiffe://a/b").pem)?.contains("spiffe://a/b") ?? false)
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        #expect(try problem(openssl.request("ec:P-256"))?.contains("without alternative names") ?? false)
        for (subject, extra) in [
            ("/", ",DNS:evil.example"), ("/", ",IP:10.0.0.1"), ("/CN=evil", ""), ("/O=mesh", ",URI:spiffe://a/b"),
        ] {
            let text = try openssl.request("ec:P-256", subject: subject, names: "URI:\(names[0])\(extra)")
            #expect(try problem(text) != nil, "\(subject) \(extra)")
        }
        // openssl's request of the harness asks to become an authority.
        let text = try openssl.request("ec:P-256", subject: "/O=mesh", names: "URI:\(names[0])")
        #expect(try problem(text)?.contains("an authority of its own") ?? false)
    }
}
