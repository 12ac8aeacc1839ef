/// # CertificateService: the mesh's certificate authority in a cluster
///
/// CertificateAuthority signs; here is where its root is kept, who may have what signed, and how everybody gets to know
/// whom to trust.
///
/// ```
///   Secret cacerts (plugged in) ─┐
///   Secret istio-ca-secret ──────┼─► MeshRoot, then RootUpkeep         RootPublishing/
///   neither: make one ───────────┘      │   RootRotation ◄──────────── RootPublishing ─► RootCertificatePublisher
///                                       ▼   (while it leads)              ▲     ConfigMaps istio-ca-root-cert, istio-ca-crl
///                                  MeshAuthority ────────────────────────┘     in every namespace
///                                       │
///   istio.v1.auth ─► CertificateService ┤  CertificatePolicy: how long, for which trust domains (TrustDomainSettings)
///                                       │  NodeImpersonation: proxies of nodes speak for the Pods there
///                                       └► ExternalSigning: a signer of Kubernetes signs instead (KubernetesSigner)
///
///   AuthoritySettings   all of that in the words of Istio's environment       CertificateMetrics
/// ```
enum CertificateServiceMap {}
