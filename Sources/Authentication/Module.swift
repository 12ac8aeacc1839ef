/// # Authentication: who calls the control plane
///
/// ```
///   TLS, with a client certificate ──────────────► SPIFFEIdentity ─┐
///   TLS, with a ServiceAccount's token                             │
///     BearerToken ─► CachedTokenReviews ─► TokenReviewer           ├─► WorkloadAuthenticator ─► WorkloadCaller
///                      (the API server, of whichever cluster)      │     PeerAuthenticator of DiscoveryServer
///     SignedTokens/  ─► RuledTokens: one more issuer, its keys ────┘
///        by HTTPKeySetFetcher
///
///   AuthorizedSource    what a proxy may see: nobody passes for a proxy of another workload
///   AccessReviewing     what people and tools may read (SubjectAccessReview)
///   ServingCertificate  how the control plane proves itself, replaced at half of its life
/// ```
///
/// Whatever the API server is asked is asked once, and kept for a while: ``ReviewCache``, ``ExpiringCache``.
enum AuthenticationMap {}
