/// # WorkloadCredentials: what a workload proves who it is with
///
/// ```
///   key ─► request ─► CertificateAuthorityClient ─► the control plane's CA ─┐
///   files that others keep ────────────────────────────────────────────────┼─► WorkloadCertificates ─► the proxy (SDS)
///   roots: of the chain, the mesh's file, the control plane's trust bundle ─┘            └──► a folder for others to read
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Certificates | ``WorkloadCertificates``: obtained, kept, renewed in time; where they come from; their metrics |
/// | SecretDiscovery | ``SecretDiscovery``: SDS on the workload's socket; certificates in files, by name |
/// | TokenService | ``TokenService``: the Pod's token exchanged for one that others take (`--stsPort`) |
/// | ControlPlane | ``ControlPlaneEndpoint``: a server of the control plane, and how the agent proves itself to it; the CA's client |
///
/// What is there is kept until something better has come: a control plane that is away costs nobody a certificate.
enum WorkloadCredentialsMap {}
