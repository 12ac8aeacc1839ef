internal import KubernetesModel

extension Schema {
    /// TLS on the side that takes connections: servers of a Gateway, listeners of a Sidecar.
    static let serverTLS = object(serverTLSBasics + serverTLSChecks, unknown: .dropped).rules(
        onlyOne("credentialNames or tlsCertificates", "tlsCertificates", "credentialNames"),
        onlyOne("credentialName or credentialNames", "credentialName", "credentialNames"),
        onlyOne("credentialNames or tlsCertificates", "credentialNames", "tlsCertificates"))

    private static func onlyOne(_ words: String, _ first: String, _ second: String) -> SchemaRule {
        SchemaRule(
            "(has(self.\(first)) ? 1 : 0) + (has(self.\(second)) ? 1 : 0) <= 1", "only one of \(words) can be set")
    }

    private static let serverTLSBasics: [Field] = [
        Field("httpsRedirect", boolean, "Whether plain HTTP requests are answered with a redirect to https."),
        Field(
            "mode", oneOf("PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL"),
            "Whether TLS ends here (SIMPLE), with the client's certificate (MUTUAL, OPTIONAL_MUTUAL, or ISTIO_MUTUAL "
                + "with the mesh's own), or passes unopened (PASSTHROUGH, AUTO_PASSTHROUGH). Default: PASSTHROUGH."),
        Field("credentialName", string, "Secret with certificate, key and, for MUTUAL, authorities."),
        Field("credentialNames", strings.items(1...2), "Secrets with certificates of different key types."),
        Field("caCertCredentialName", string, "Secret or ConfigMap with the authorities alone."),
        Field("serverCertificate", string, "File of the server's certificate chain."),
        Field("privateKey", string, "File of the server's private key."),
        Field("caCertificates", string, "File of the authorities that clients are checked against."),
        Field("caCrl", string, "File of certificates that are no longer valid."),
        Field("tlsCertificates", list(certificateFiles).items(1...2), "Files of certificates of different key types."),
    ]

    private static let serverTLSChecks: [Field] = [
        Field("subjectAltNames", strings, "Names of which the client's certificate must have one."),
        Field("verifyCertificateSpki", strings, "Base64 SHA-256 hashes of public keys that clients may have."),
        Field("verifyCertificateHash", strings, "Hex SHA-256 hashes of certificates that clients may have."),
        Field("minProtocolVersion", tlsVersion, "Lowest version of TLS. Default: TLSV1_2."),
        Field("maxProtocolVersion", tlsVersion, "Highest version of TLS. Default: the highest there is."),
        Field("cipherSuites", strings, "Cipher suites up to TLS 1.2, by OpenSSL's names. Default: Envoy's."),
        Field("ecdhCurves", strings, "Curves of the key exchange. Default: Envoy's."),
        Field(
            "insecureSkipVerify", boolean.nullable, "Whether clients' certificates go unchecked. Default: false."),
    ]

    private static let certificateFiles = object(
        [
            Field("serverCertificate", string, "File of the certificate chain."),
            Field("privateKey", string, "File of the private key."),
            Field("caCertificates", string, "File of the authorities that clients are checked against."),
        ], unknown: .dropped)

    private static let tlsVersion = oneOf("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3")
}
