/// # SecretDiscovery: certificates and pull secrets from Secrets (SDS)
///
/// ```
///   Secrets of gateways' namespaces ─► NamespaceSecrets ─► Credential: a certificate and its key, authorities, a list
///        followed while somebody asks        │             of what was taken back, in whatever form the Secret is
///   those of other clusters ─ RemoteSecrets ─┤
///        ClusterSecrets: a gateway's own cluster goes first, and each cluster's API server says who has its Secrets
///                                            ▼
///   what a class of proxies is sent ─► CredentialSource ─► the same, and what its gateways' Gateways name
///                                        only for who has proven to be of that namespace, and may read Secrets there
///                                        (SecretAuthorizer: SubjectAccessReview)
///                  ─► PullSecretSource ─► plug-ins with the Secret that their images are pulled with (PluginSecret)
/// ```
///
/// Nothing of a Secret is logged or shown: what is wrong with one is told by its name.
enum SecretDiscoveryMap {}
