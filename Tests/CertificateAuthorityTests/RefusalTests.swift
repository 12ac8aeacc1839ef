import Foundation
import Testing
import X509

@testable import CertificateAuthority

/// The messages people get, word for word: each names Secret, key, finding and next step.
@Suite struct RefusalTests {
    let prefix = "cannot use Secret istio-system/cacerts as the mesh's certificate authority: "

    @Test func saysWhatIsMissing() throws {
        let root = try Authority("Root")
        #expect(
            refusal(of: [:]) == prefix
                + "ca-cert.pem is missing (no key has a value). Put the signing certificate there in PEM.")
        #expect(
            refusal(of: secret(["ca-cert.pem": root.certificatePEM, "ca-key.pem": " \n"])) == prefix
                + "ca-key.pem is empty (keys with a value: ca-cert.pem, ca-key.pem). "
                + "Put the private key of ca-cert.pem there in PEM.")
        let signing = try Authority("Signing", issuer: root)
        #expect(
            refusal(of: secret(["ca-cert.pem": signing.certificatePEM, "ca-key.pem": try signing.keyPEM])) == prefix
                + "root-cert.pem is missing (keys with a value: ca-cert.pem, ca-key.pem). "
                + "ca-cert.pem was issued by \"O=Root\": put that root's certificate there in PEM.")
    }

    @Test func saysWhatIsNotPEM() throws {
        let root = try Authority("Root")
        var der = secret(["ca-key.pem": try root.keyPEM])
        der["ca-cert.pem"] = PEMBlocks.derBytes(of: root.certificate)
        let size = PEMBlocks.derBytes(of: root.certificate).count
        #expect(
            refusal(of: der) == prefix
                + "ca-cert.pem holds \(size) bytes that are not text. "
                + "Put PEM there, not DER: openssl x509 or openssl pkey with -outform PEM converts it.")
        #expect(
            refusal(of: secret(["ca-cert.pem": "hello", "ca-key.pem": try root.keyPEM])) == prefix
                + "ca-cert.pem holds no PEM block (-----BEGIN …-----). Put certificates there in PEM.")
        #expect(
            refusal(of: secret(["ca-cert.pem": try root.keyPEM, "ca-key.pem": root.certificatePEM])) == prefix
                + "ca-cert.pem holds a block \"PRIVATE KEY\" where only certificates belong. "
                + "Put certificates there in PEM.")
        let cut = root.certificatePEM.replacing("-----END CERTIFICATE-----", with: "")
        #expect(
            refusal(of: secret(["ca-cert.pem": cut, "ca-key.pem": try root.keyPEM])) == prefix
                + "ca-cert.pem holds a broken PEM block (begin and end lines must match, base64 between them). "
                + "Put certificates there in PEM.")
        #expect(
            refusal(of: secret(["ca-cert.pem": root.certificatePEM, "ca-key.pem": root.certificatePEM])) == prefix
                + "ca-key.pem holds no private key block. Put one private key there in PEM without passphrase.")
    }

    @Test func saysThatTheKeyIsEncryptedOrTooWeak() throws {
        let openssl = try OpenSSL()
        defer { openssl.remove() }
        let root = try Authority("Root")
        try openssl.write(try root.keyPEM, to: "plain.pem")
        try openssl.run("pkcs8", "-topk8", "-in", "plain.pem", "-passout", "pass:secret", "-out", "locked.pem")
        try openssl.run("genrsa", "-traditional", "-out", "weak.pem", "1024")
        var data = secret(["ca-cert.pem": root.certificatePEM])
        data["ca-key.pem"] = try openssl.bytes(of: "locked.pem")
        #expect(
            refusal(of: data) == prefix + "ca-key.pem holds a private key that is encrypted with a passphrase. "
                + "Put one private key there in PEM without passphrase.")
        data["ca-key.pem"] = try openssl.bytes(of: "weak.pem")
        #expect(
            refusal(of: data) == prefix + "ca-key.pem holds a block \"RSA PRIVATE KEY\" that is not an EC "
                + "(P-256, P-384, P-521), Ed25519 or RSA (2048 bits or more) key. "
                + "Put one private key there in PEM without passphrase.")
    }

    @Test func saysThatTheKeyIsAnothers() throws {
        let root = try Authority("Root")
        let other = try Authority("Other")
        #expect(
            refusal(of: secret(["ca-cert.pem": root.certificatePEM, "ca-key.pem": try other.keyPEM])) == prefix
                + "ca-key.pem is not the private key of ca-cert.pem (subject \"O=Root\"). "
                + "Put the key there that this certificate was made with, or replace both.")
    }

    @Test func saysThatItIsNotAnAuthority() throws {
        let leaf = try Authority("Leaf", constraints: .notCertificateAuthority)
        #expect(
            refusal(of: secret(["ca-cert.pem": leaf.certificatePEM, "ca-key.pem": try leaf.keyPEM])) == prefix
                + "ca-cert.pem holds a certificate (subject \"O=Leaf\") that is not a CA "
                + "(basic constraints lack CA:TRUE). "
                + "Use a certificate made for signing, with CA:TRUE and key usage keyCertSign.")
        let mute = try Authority("Mute", usage: KeyUsage(digitalSignature: true))
        #expect(
            refusal(of: secret(["ca-cert.pem": mute.certificatePEM, "ca-key.pem": try mute.keyPEM])) == prefix
                + "ca-cert.pem holds a certificate (subject \"O=Mute\") whose key usage lacks keyCertSign. "
                + "Use a certificate made for signing, with CA:TRUE and key usage keyCertSign.")
    }

    @Test func saysWhenItIsValid() throws {
        let past = try Authority("Past", from: noon - 2 * day, to: noon - day)
        #expect(
            refusal(of: secret(["ca-cert.pem": past.certificatePEM, "ca-key.pem": try past.keyPEM])) == prefix
                + "ca-cert.pem holds a certificate (subject \"O=Past\") that expired at 2030-06-14T12:00:00Z "
                + "(it is 2030-06-15T12:00:00Z). Renew it, or check this machine's clock.")
        let future = try Authority("Future", from: noon + day, to: noon + 2 * day)
        #expect(
            refusal(of: secret(["ca-cert.pem": future.certificatePEM, "ca-key.pem": try future.keyPEM])) == prefix
                + "ca-cert.pem holds a certificate (subject \"O=Future\") that is valid only from "
                + "2030-06-16T12:00:00Z (it is 2030-06-15T12:00:00Z). Wait, or check this machine's clock.")
        let signing = try Authority("Signing", issuer: past)
        let data = secret([
            "ca-cert.pem": signing.certificatePEM, "ca-key.pem": try signing.keyPEM,
            "root-cert.pem": past.certificatePEM,
        ])
        #expect(
            refusal(of: data) == prefix
                + "root-cert.pem holds a certificate (subject \"O=Past\") that expired at 2030-06-14T12:00:00Z "
                + "(it is 2030-06-15T12:00:00Z). Renew it, or check this machine's clock.")
    }

    @Test func saysWhereTheChainBreaks() throws {
        let root = try Authority("Root")
        let middle = try Authority("Middle", issuer: root)
        let signing = try Authority("Signing", issuer: middle)
        let impostor = try Authority("Middle", issuer: root)
        let expected =
            prefix + "cert-chain.pem and root-cert.pem hold no certificate that signed \"O=Signing\" "
            + "(its issuer is \"O=Middle\"). "
            + "Put the issuer's certificate into root-cert.pem if it is the root, else into cert-chain.pem."
        var data = secret([
            "ca-cert.pem": signing.certificatePEM, "ca-key.pem": try signing.keyPEM,
            "root-cert.pem": root.certificatePEM,
        ])
        #expect(refusal(of: data) == expected)
        // The right name with another key is not the issuer.
        data["cert-chain.pem"] = Array(impostor.certificatePEM.utf8)
        #expect(refusal(of: data) == expected)
        data["cert-chain.pem"] = Array(middle.certificatePEM.utf8)
        #expect(refusal(of: data) == "accepted: O=Signing")

        let stranger = try Authority("Stranger")
        let elsewhere = secret([
            "ca-cert.pem": root.certificatePEM, "ca-key.pem": try root.keyPEM,
            "root-cert.pem": stranger.certificatePEM,
        ])
        #expect(
            refusal(of: elsewhere) == prefix
                + "root-cert.pem does not contain the self-signed certificate \"O=Root\" that the chain ends in. "
                + "Put that certificate into root-cert.pem too.")
    }

    @Test func saysThatThePathIsTooLong() throws {
        let root = try Authority("Root", constraints: .isCertificateAuthority(maxPathLength: 0))
        let signing = try Authority("Signing", issuer: root)
        let data = secret([
            "ca-cert.pem": signing.certificatePEM, "ca-key.pem": try signing.keyPEM,
            "root-cert.pem": root.certificatePEM,
        ])
        #expect(
            refusal(of: data) == prefix
                + "root-cert.pem holds a certificate (subject \"O=Root\") that allows 0 CAs below it where 1 hang. "
                + "Have it issued with a larger path length, or shorten the chain.")
    }
}
