/// # MeshControllers: what the control plane writes into people's objects
///
/// ```
///   streams of proxies ─► WorkloadRegistration/   WorkloadRegistry: a WorkloadEntry for a machine outside of Kubernetes while
///                           its proxy is connected, and its health. RegisteringProxy: what a client says of itself;
///                           RegistrationStep: what is to be done about an entry
///   changes, diagnoses ─► AddressAllocation/      AddressAllocator: virtual IPs of hosts, in ServiceEntries' statuses
///                      ─► Status/                 ConfigurationStatusReporter: what is wrong with objects
///                                                 IngressStatusReporter: where Ingresses are reached
/// ```
///
/// All but registration, which is for whoever serves the proxy, is done by one replica of all: a leader (LeaderElection).
enum MeshControllersMap {}
