import EnvoyAPI
package import SwiftProtobuf

/// All that decides one resource. Equal inputs give equal bytes, whichever proxy asks: results can be kept by it.
package enum ResourceInput: Hashable, Sendable {
    case outboundCluster(OutboundClusterInput)
    case inboundCluster(InboundClusterInput)
    case fixedCluster(FixedCluster, ClusterSettings)
    case loadAssignment(LoadAssignmentInput)
    case outboundListener(OutboundListenerInput)
    case virtualOutbound(VirtualOutboundInput)
    case virtualInbound(VirtualInboundInput)
    case routeConfiguration(RouteConfigurationInput)

    /// Of the resource: what proxies ask for.
    package var name: String {
        switch self {
        case .outboundCluster(let input): input.name
        case .inboundCluster(let input): input.name
        case .fixedCluster(let kind, _): kind.name
        case .loadAssignment(let input): input.clusterName
        case .outboundListener(let input): input.name
        case .virtualOutbound: VirtualOutboundInput.name
        case .virtualInbound: VirtualInboundInput.name
        case .routeConfiguration(let input): input.name
        }
    }

    /// Of the resource: such as `type.googleapis.com/envoy.config.cluster.v3.Cluster`.
    package var typeURL: String {
        switch self {
        case .outboundCluster, .inboundCluster, .fixedCluster: Envoy_Config_Cluster_V3_Cluster.typeURL
        case .loadAssignment: Envoy_Config_Endpoint_V3_ClusterLoadAssignment.typeURL
        case .outboundListener, .virtualOutbound, .virtualInbound: Envoy_Config_Listener_V3_Listener.typeURL
        case .routeConfiguration: Envoy_Config_Route_V3_RouteConfiguration.typeURL
        }
    }

    /// The resource.
    package func message() throws -> any Message {
        switch self {
        case .outboundCluster(let input): try EnvoyTranslator.outboundCluster(input)
        case .inboundCluster(let input): try EnvoyTranslator.inboundCluster(input)
        case .fixedCluster(let kind, let settings): try EnvoyTranslator.fixedCluster(kind, settings: settings)
        case .loadAssignment(let input): EnvoyTranslator.loadAssignment(input)
        case .outboundListener(let input): try EnvoyTranslator.outboundListener(input)
        case .virtualOutbound(let input): try EnvoyTranslator.virtualOutbound(input)
        case .virtualInbound(let input): try EnvoyTranslator.virtualInbound(input)
        case .routeConfiguration(let input): try EnvoyTranslator.routeConfiguration(input)
        }
    }
}
