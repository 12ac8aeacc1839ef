package import SwiftProtobuf

/// The messages that stand in an `Any`: resources, and the configurations of extensions.
package enum KnownTypes {
    /// The resources of xDS. A TypedExtensionConfig is the one of ECDS.
    package static let resources: [any Message.Type] = [
        Envoy_Config_Listener_V3_Listener.self,
        Envoy_Config_Route_V3_RouteConfiguration.self,
        Envoy_Config_Cluster_V3_Cluster.self,
        Envoy_Config_Endpoint_V3_ClusterLoadAssignment.self,
        Envoy_Extensions_TransportSockets_Tls_V3_Secret.self,
        Envoy_Config_Core_V3_TypedExtensionConfig.self,
        Istio_Networking_Nds_V1_NameTable.self,
        Istio_Mesh_V1alpha1_ProxyConfig.self,
    ]

    /// What a `typed_config` may hold and this target can read. Anything else goes to proxies as a TypedStruct.
    package static let extensions: [any Message.Type] = [
        Envoy_Config_Metrics_V3_MetricsServiceConfig.self,
        Envoy_Config_Metrics_V3_StatsdSink.self,
        Envoy_Config_Trace_V3_DatadogConfig.self,
        Envoy_Config_Trace_V3_OpenTelemetryConfig.self,
        Envoy_Config_Trace_V3_SkyWalkingConfig.self,
        Envoy_Config_Trace_V3_ZipkinConfig.self,
        Envoy_Extensions_AccessLoggers_File_V3_FileAccessLog.self,
        Envoy_Extensions_AccessLoggers_Filters_Cel_V3_ExpressionFilter.self,
        Envoy_Extensions_AccessLoggers_Grpc_V3_HttpGrpcAccessLogConfig.self,
        Envoy_Extensions_AccessLoggers_Grpc_V3_TcpGrpcAccessLogConfig.self,
        Envoy_Extensions_AccessLoggers_OpenTelemetry_V3_OpenTelemetryAccessLogConfig.self,
        Envoy_Extensions_AccessLoggers_Stats_V3_Config.self,
        Envoy_Extensions_AccessLoggers_Stream_V3_StderrAccessLog.self,
        Envoy_Extensions_AccessLoggers_Stream_V3_StdoutAccessLog.self,
        Envoy_Extensions_Bootstrap_InternalListener_V3_InternalListener.self,
        Envoy_Extensions_Clusters_DynamicForwardProxy_V3_ClusterConfig.self,
        Envoy_Extensions_Filters_Http_Cors_V3_Cors.self,
        Envoy_Extensions_Filters_Http_Cors_V3_CorsPolicy.self,
        Envoy_Extensions_Filters_Http_DynamicForwardProxy_V3_FilterConfig.self,
        Envoy_Extensions_Filters_Http_ExtAuthz_V3_ExtAuthz.self,
        Envoy_Extensions_Filters_Http_ExtAuthz_V3_ExtAuthzPerRoute.self,
        Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault.self,
        Envoy_Extensions_Filters_Http_GrpcStats_V3_FilterConfig.self,
        Envoy_Extensions_Filters_Http_GrpcWeb_V3_GrpcWeb.self,
        Envoy_Extensions_Filters_Http_HeaderMutation_V3_HeaderMutation.self,
        Envoy_Extensions_Filters_Http_HeaderMutation_V3_HeaderMutationPerRoute.self,
        Envoy_Extensions_Filters_Http_HeaderToMetadata_V3_Config.self,
        Envoy_Extensions_Filters_Http_HealthCheck_V3_HealthCheck.self,
        Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtAuthentication.self,
        Envoy_Extensions_Filters_Http_JwtAuthn_V3_PerRouteConfig.self,
        Envoy_Extensions_Filters_Http_LocalRatelimit_V3_LocalRateLimit.self,
        Envoy_Extensions_Filters_Http_Ratelimit_V3_RateLimit.self,
        Envoy_Extensions_Filters_Http_Ratelimit_V3_RateLimitPerRoute.self,
        Envoy_Extensions_Filters_Http_Rbac_V3_RBAC.self,
        Envoy_Extensions_Filters_Http_Rbac_V3_RBACPerRoute.self,
        Envoy_Extensions_Filters_Http_Router_V3_Router.self,
        Envoy_Extensions_Filters_Http_SetFilterState_V3_Config.self,
        Envoy_Extensions_Filters_Http_StatefulSession_V3_StatefulSession.self,
        Envoy_Extensions_Filters_Http_StatefulSession_V3_StatefulSessionPerRoute.self,
        Envoy_Extensions_Filters_Http_UpstreamCodec_V3_UpstreamCodec.self,
        Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.self,
        Envoy_Extensions_Filters_Listener_HttpInspector_V3_HttpInspector.self,
        Envoy_Extensions_Filters_Listener_OriginalDst_V3_OriginalDst.self,
        Envoy_Extensions_Filters_Listener_ProxyProtocol_V3_ProxyProtocol.self,
        Envoy_Extensions_Filters_Listener_TlsInspector_V3_TlsInspector.self,
        Envoy_Extensions_Filters_Network_ConnectionLimit_V3_ConnectionLimit.self,
        Envoy_Extensions_Filters_Network_ExtAuthz_V3_ExtAuthz.self,
        Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager.self,
        Envoy_Extensions_Filters_Network_MongoProxy_V3_MongoProxy.self,
        Envoy_Extensions_Filters_Network_Rbac_V3_RBAC.self,
        Envoy_Extensions_Filters_Network_SetFilterState_V3_Config.self,
        Envoy_Extensions_Filters_Network_SniCluster_V3_SniCluster.self,
        Envoy_Extensions_Filters_Network_SniDynamicForwardProxy_V3_FilterConfig.self,
        Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy.self,
        Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.self,
        Envoy_Extensions_Formatter_Cel_V3_Cel.self,
        Envoy_Extensions_Formatter_Metadata_V3_Metadata.self,
        Envoy_Extensions_Formatter_ReqWithoutQuery_V3_ReqWithoutQuery.self,
        Envoy_Extensions_Http_HeaderFormatters_PreserveCase_V3_PreserveCaseFormatterConfig.self,
        Envoy_Extensions_Http_OriginalIpDetection_Xff_V3_XffConfig.self,
        Envoy_Extensions_Http_StatefulSession_Cookie_V3_CookieBasedSessionState.self,
        Envoy_Extensions_Http_StatefulSession_Header_V3_HeaderBasedSessionState.self,
        Envoy_Extensions_LoadBalancingPolicies_ClientSideWeightedRoundRobin_V3_ClientSideWeightedRoundRobin.self,
        Envoy_Extensions_LoadBalancingPolicies_ClusterProvided_V3_ClusterProvided.self,
        Envoy_Extensions_LoadBalancingPolicies_LeastRequest_V3_LeastRequest.self,
        Envoy_Extensions_LoadBalancingPolicies_Maglev_V3_Maglev.self,
        Envoy_Extensions_LoadBalancingPolicies_OverrideHost_V3_OverrideHost.self,
        Envoy_Extensions_LoadBalancingPolicies_Random_V3_Random.self,
        Envoy_Extensions_LoadBalancingPolicies_RingHash_V3_RingHash.self,
        Envoy_Extensions_LoadBalancingPolicies_RoundRobin_V3_RoundRobin.self,
        Envoy_Extensions_LoadBalancingPolicies_Subset_V3_Subset.self,
        Envoy_Extensions_LoadBalancingPolicies_WrrLocality_V3_WrrLocality.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_ApplicationProtocolInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_DestinationIPInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_DestinationPortInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_DirectSourceIPInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_FilterStateInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_ServerNameInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_SourceIPInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_SourcePortInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_SourceTypeInput.self,
        Envoy_Extensions_Matching_CommonInputs_Network_V3_TransportProtocolInput.self,
        Envoy_Extensions_Network_DnsResolver_Cares_V3_CaresDnsResolverConfig.self,
        Envoy_Extensions_Path_Match_UriTemplate_V3_UriTemplateMatchConfig.self,
        Envoy_Extensions_Path_Rewrite_UriTemplate_V3_UriTemplateRewriteConfig.self,
        Envoy_Extensions_RequestId_Uuid_V3_UuidRequestIdConfig.self,
        Envoy_Extensions_ResourceMonitors_DownstreamConnections_V3_DownstreamConnectionsConfig.self,
        Envoy_Extensions_Retry_Host_PreviousHosts_V3_PreviousHostsPredicate.self,
        Envoy_Extensions_Retry_Priority_PreviousPriorities_V3_PreviousPrioritiesConfig.self,
        Envoy_Extensions_Tracers_Opentelemetry_ResourceDetectors_V3_DynatraceResourceDetectorConfig.self,
        Envoy_Extensions_Tracers_Opentelemetry_ResourceDetectors_V3_EnvironmentResourceDetectorConfig.self,
        Envoy_Extensions_Tracers_Opentelemetry_Samplers_V3_DynatraceSamplerConfig.self,
        Envoy_Extensions_TransportSockets_InternalUpstream_V3_InternalUpstreamTransport.self,
        Envoy_Extensions_TransportSockets_ProxyProtocol_V3_ProxyProtocolUpstreamTransport.self,
        Envoy_Extensions_TransportSockets_Quic_V3_QuicDownstreamTransport.self,
        Envoy_Extensions_TransportSockets_RawBuffer_V3_RawBuffer.self,
        Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext.self,
        Envoy_Extensions_TransportSockets_Tls_V3_SPIFFECertValidatorConfig.self,
        Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext.self,
        Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions.self,
        Envoy_Extensions_Upstreams_Tcp_V3_TcpProtocolOptions.self,
        Envoy_Type_Matcher_V3_HttpRequestHeaderMatchInput.self,
        Udpa_Type_V1_TypedStruct.self,
        Xds_Type_Matcher_V3_IPMatcher.self,
        Xds_Type_V3_TypedStruct.self,
    ]

    /// The message type with this URL, if it is one of those above. Any host before the slash will do.
    package static func type(ofURL url: String) -> (any Message.Type)? {
        guard let slash = url.lastIndex(of: "/") else { return nil }
        return byName[String(url[url.index(after: slash)...])]
    }

    /// Lets JSON be read into, and written from, an `Any` with one of these messages: the library asks a table of the
    /// process. To be called before that; further calls do nothing.
    package static func register() { _ = registered }

    private static let byName: [String: any Message.Type] = Dictionary(
        uniqueKeysWithValues: (resources + extensions).map { ($0.protoMessageName, $0) })

    private static let registered: Bool = (resources + extensions)
        .allSatisfy { Google_Protobuf_Any.register(messageType: $0) }
}
