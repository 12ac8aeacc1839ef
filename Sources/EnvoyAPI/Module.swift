/// # EnvoyAPI: the resources that proxies are given
///
/// ```
///  Hack/Protos/EnvoyAPI/*.proto ─► Hack/generate-protos ─► Generated/*.pb.swift
///
///  Envoy_Config_Listener_V3_Listener ─► Filter ─► typedConfig ─┬─ Google_Protobuf_Any(packing: a message of this target)
///  Envoy_Config_Route_V3_RouteConfiguration                    └─ Google_Protobuf_Any(packing: Xds_Type_V3_TypedStruct)
///  Envoy_Config_Cluster_V3_Cluster
///  Envoy_Config_Endpoint_V3_ClusterLoadAssignment
///  Envoy_Extensions_TransportSockets_Tls_V3_Secret             the resources of xDS,
///  Istio_Networking_Nds_V1_NameTable                           and hosts for the agent's DNS proxy
///  Envoy_Config_Bootstrap_V3_Bootstrap                         what a proxy starts with
/// ```
///
/// Names follow the packages: `envoy.config.core.v3.Address` is `Envoy_Config_Core_V3_Address`. What EnvoyFilters patch
/// directly is complete; a filter that this target does not know travels as a TypedStruct, which the proxy resolves.
///
/// Bytes must be the same for equal values, in every process, because versions are hashes of them: only
/// ``SwiftProtobuf/Message/stableBytes()`` and `Google_Protobuf_Any(packing:)` keep to that.
enum EnvoyAPI {}
