/// # CertificateAuthority
///
/// The mesh's X.509: the root that every identity hangs on, what is checked before it is trusted, and the
/// certificates it signs. Values in, values out: no network, no files, and the time is always a parameter.
///
/// ```
///   nothing yet                 Secret istio-ca-secret or cacerts
///       │ SelfSignedRoot              │ CAMaterial(secretData:source:now:), RootSuccession(secretData:source:now:)
///       ▼                             ▼
///   ┌──────────────── CAMaterial: certificate, key, chain, roots ────────────────────────────┐
///   │                  │                    │                          │                      │
///   ▼ secretData       ▼ serverCertificate  ▼ CertificateIssuer        ▼ RootSuccession.step  ▼ trustBundle
///   istio-ca-secret    ServerCertificate    IssuedCertificate          the next root, in time ConfigMap
///                      (leaf, key, chain)   for a SigningRequest                              istio-ca-root-cert
///                                           as LifetimePolicy allows
///
///   CertificateRequest         what a workload sends       ForeignChain   what another authority gave, verified
///   rotationVerdict(for:now:)  says of any certificate: valid, expires soon, expired
/// ```
///
/// Private keys travel as ``PrivateKeyPEM``, which cannot be printed by accident.
