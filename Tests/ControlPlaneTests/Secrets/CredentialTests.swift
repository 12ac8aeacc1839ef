import ControlPlane
import EnvoyAPI
import EnvoyTesting
import KubernetesModel
import MeshModel
import SecretDiscovery
import SwiftProtobuf
import Testing
import XDSServer

@Suite("Credentials") struct CredentialTests {
    typealias Message = Envoy_Extensions_TransportSockets_Tls_V3_Secret

    private func credentials(_ secrets: [String: [CredentialSecret.Part: String]]) -> Credentials {
        Credentials(namespace: "edge") { name in
            secrets[name].map { parts in
                CredentialSecret(
                    key: ObjectKey(namespace: "edge", name: name), parts: parts.mapValues { Array($0.utf8) })
            }
        }
    }

    private func message(_ name: String, of credentials: Credentials) throws -> Message {
        let resource = try credentials.resource(for: CredentialName(name))
        #expect(resource.name == "kubernetes://\(name)")
        return try Message(serializedBytes: resource.body)
    }

    private func text(_ source: Envoy_Config_Core_V3_DataSource) -> String {
        String(decoding: source.inlineBytes, as: UTF8.self)
    }

    @Test("A certificate is read from keys of both kinds of Secrets, the generic ones first")
    func certificates() throws {
        let identity = try TestAuthority().server(["a.com"])
        let other = try TestAuthority().server(["b.com"])
        let given = credentials([
            "tls": [.tlsCertificate: identity.certificate, .tlsKey: identity.privateKey],
            "generic": [.certificate: identity.certificate, .key: identity.privateKey],
            "both": [
                .certificate: identity.certificate, .key: identity.privateKey, .tlsCertificate: other.certificate,
                .tlsKey: other.privateKey,
            ],
        ])
        for name in ["tls", "generic", "both"] {
            let message = try message(name, of: given)
            #expect(text(message.tlsCertificate.certificateChain) == identity.certificate)
            #expect(text(message.tlsCertificate.privateKey) == identity.privateKey)
        }
    }

    @Test("Authorities are read from a Secret of their own, or from the certificate's, with what is revoked")
    func authorities() throws {
        let (one, other) = (try TestAuthority().server(["x"]).root, try TestAuthority().server(["x"]).root)
        let given = credentials([
            "a": [.tlsAuthority: one, .tlsRevocations: "list"], "b": [.authority: one],
            "b-cacert": [.authority: other], "c-cacert": [.tlsAuthority: other],
        ])
        #expect(text(try message("a-cacert", of: given).validationContext.trustedCa) == one)
        #expect(text(try message("a-cacert", of: given).validationContext.crl) == "list")
        #expect(text(try message("b-cacert", of: given).validationContext.trustedCa) == other)
        #expect(text(try message("c-cacert", of: given).validationContext.trustedCa) == other)
        #expect(try !message("c-cacert", of: given).validationContext.hasCrl)
    }

    @Test("What a proxy could not use is not sent; why is told, and nothing of the content")
    func problems() throws {
        let (identity, other) = (try TestAuthority().server(["a"]), try TestAuthority().server(["a"]))
        let given = credentials([
            "empty": [:], "half": [.tlsCertificate: identity.certificate],
            "rubbish": [.tlsCertificate: "no PEM", .tlsKey: identity.privateKey],
            "key": [.tlsCertificate: identity.certificate, .tlsKey: "secret words"],
            "mixed": [.tlsCertificate: identity.certificate, .tlsKey: other.privateKey],
            "roots": [.tlsAuthority: "no PEM"],
        ])
        let words = [
            "missing": "no Secret edge/missing", "empty": "needs the keys tls.crt and tls.key",
            "half": "needs the keys tls.crt and tls.key", "rubbish": "a certificate that is none",
            "key": "a private key that is none", "mixed": "not its certificate's",
            "missing-cacert": "neither Secret edge/missing-cacert nor edge/missing",
            "half-cacert": "needs the key ca.crt",
            "roots-cacert": "no certificates in PEM",
        ]
        for (name, expected) in words {
            let problem = #expect(throws: CredentialProblem.self) {
                try given.resource(for: CredentialName(name))
            }
            #expect(problem?.description.contains(expected) ?? false, "\(name): \(problem as Any)")
            #expect(!"\(problem as Any)".contains("secret words"))
        }
    }

    @Test("No description and no dump shows a key")
    func keysAreNotShown() throws {
        let secret = CredentialSecret(
            key: ObjectKey(namespace: "edge", name: "a"), parts: [.tlsKey: Array("very secret".utf8)])
        var dumped = ""
        dump(secret, to: &dumped)
        let number = "\(Array("very secret".utf8)[0]), \(Array("very secret".utf8)[1])"
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("very secret") && !text.contains(number))
        }
        let identity = try TestAuthority().server(["a"])
        let resource = try credentials(["a": [.tlsCertificate: identity.certificate, .tlsKey: identity.privateKey]])
            .resource(for: CredentialName("a"))
        #expect(!"\(resource)".contains("PRIVATE"))
    }
}
