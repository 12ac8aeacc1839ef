/// # CertificateAuthority
///
/// The mesh's X.509: the root that every identity hangs on, what is checked before it is trusted, and the
/// certificates it signs. Values in, values out: no network, no files, and the time is always a parameter.
///
/// ```
///   nothing yet                 Secret istio-ca-secret or cacerts
///       │ SelfSignedRoot              │ CAMaterial(secretData:source:now:)
///       ▼                             ▼
///   ┌──────────────── CAMaterial: certificate, key, chain, roots ────────────────┐
///   │                              │                                              │
///   ▼ secretData                   ▼ serverCertificate(…)                         ▼ trustBundle
///   Secret istio-ca-secret         ServerCertificate (leaf, key, chain)           ConfigMap istio-ca-root-cert
///
///   rotationVerdict(for:now:)  says of any certificate: valid, expires soon, expired
/// ```
///
/// Private keys travel as ``PrivateKeyPEM``, which cannot be printed by accident.
