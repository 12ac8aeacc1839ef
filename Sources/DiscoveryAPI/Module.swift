/// # DiscoveryAPI: how proxies and agents talk to the control plane
///
/// ```
///  Hack/Protos/DiscoveryAPI/*.proto ─► Hack/generate-protos ─► Generated/*.pb.swift     messages
///                                                              Generated/*.grpc.swift   services
///
///  Envoy_Service_Discovery_V3_AggregatedDiscoveryService    proxy or agent ◄─► control plane, SotW and delta
///    (Delta)DiscoveryRequest, (Delta)DiscoveryResponse      their resources are those of EnvoyAPI, each in an Any
///  Envoy_Service_Secret_V3_SecretDiscoveryService           proxy ◄─► the agent beside it
///  Istio_V1_Auth_IstioCertificateService                    agent ─► certificate authority
///  Envoy_Admin_V3_ConfigDump                                the admin endpoint's dump, and ours for debugging
///  Envoy_Service_Status_V3_ClientConfig                     what one proxy was sent and has acknowledged
/// ```
enum DiscoveryAPI {}
