import Foundation
import Testing

@testable import CertificateAuthority

@Suite struct SecretsDoNotPrintTests {
    /// No way of printing a key, or anything that holds one, shows a line of its PEM or its raw bytes.
    @Test func hidesKeysInEveryDescription() throws {
        let root = try SelfSignedRoot().material(now: noon)
        let server = try root.serverCertificate(names: ["a.example"], lifetime: .seconds(60), now: noon)
        for key in [root.privateKey, server.privateKey] {
            let lines = key.revealed.split(separator: "\n").filter { !$0.hasPrefix("-----") }
            #expect(lines.count >= 2)
            for text in [printed(key), printed(root), printed(server), printed([root.privateKey: server])] {
                #expect(text.contains("<redacted>"))
                for line in lines { #expect(!text.contains(line)) }
                #expect(!text.contains("PRIVATE KEY"))
            }
        }
    }

    /// The error about a broken key does not quote it.
    @Test func hidesKeysInErrors() throws {
        let root = try Authority("Root")
        let broken = try root.keyPEM.replacing("-----END PRIVATE KEY-----", with: "")
        let secretLine = try #require(broken.split(separator: "\n").dropFirst().first)
        let message = refusal(of: secret(["ca-cert.pem": root.certificatePEM, "ca-key.pem": broken]))
        #expect(message.contains("ca-key.pem holds a broken PEM block"))
        #expect(!message.contains(secretLine))
    }

    private func printed<Value>(_ value: Value) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value)" + String(describing: value) + String(reflecting: value) + dumped
    }
}
