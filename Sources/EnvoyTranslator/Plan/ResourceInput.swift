import EnvoyAPI
import KubernetesModel
package import MeshModel
package import SwiftProtobuf

/// All that decides one resource. Equal inputs give equal bytes, whichever proxy asks: results can be kept by it.
///
/// Indirect, because inputs are large and go through many lists: a copy is one reference.
package indirect enum ResourceInput: Hashable, Sendable {
    case outboundCluster(OutboundClusterInput)
    case inboundCluster(InboundClusterInput)
    case fixedCluster(FixedCluster, ClusterSettings)
    case loadAssignment(LoadAssignmentInput)
    case outboundListener(OutboundListenerInput)
    case virtualOutbound(VirtualOutboundInput)
    case virtualInbound(VirtualInboundInput)
    case routeConfiguration(RouteConfigurationInput)
    case routerListener(RouterListenerInput)
    case namedCluster(NamedClusterInput)
    /// Of a gRPC application without a proxy: for calls to others …
    case proxylessListener(ProxylessListenerInput)
    case proxylessRoutes(ProxylessRoutesInput)
    case proxylessCluster(OutboundClusterInput)
    /// … and for calls to it.
    case proxylessServer(ProxylessServerInput)
    case nameTable(NameTableInput)
    /// Of a filter that people bring along.
    case extensionConfig(ProxyExtension)
    /// Of what a proxy starts with, what EnvoyFilters change.
    case bootstrap(BootstrapInput)
    /// Roots that workloads trust.
    case trustedRoots(TrustedRootsInput)
    /// One of the others, changed by EnvoyFilters.
    case patched(ResourceInput, [EnvoyPatch])
    /// Put in by an EnvoyFilter.
    case added(EnvoyPatch)

    /// Of the resource: what proxies ask for.
    package var name: String {
        switch self {
        case .outboundCluster(let input): input.name
        case .inboundCluster(let input): input.name
        case .fixedCluster(let kind, _): kind.name
        case .loadAssignment(let input): input.clusterName
        case .outboundListener(let input): input.name
        case .virtualOutbound: VirtualOutboundInput.name
        case .virtualInbound(let input): input.name
        case .routeConfiguration(let input): input.name
        case .routerListener(let input): input.name
        case .namedCluster(let input): input.name
        case .proxylessListener(let input): input.name
        case .proxylessRoutes(let input): input.name
        case .proxylessCluster(let input): input.name
        case .proxylessServer(let input): input.name
        case .nameTable: NameTableInput.name
        case .extensionConfig(let found): found.name
        case .bootstrap: BootstrapInput.name
        case .trustedRoots: TrustedRootsInput.name
        case .patched(let input, _): input.name
        case .added(let patch): patch.value["name"]?.string ?? ""
        }
    }

    /// Of the resource: such as `type.googleapis.com/envoy.config.cluster.v3.Cluster`.
    package var typeURL: String {
        switch self {
        case .outboundCluster, .inboundCluster, .fixedCluster, .namedCluster, .proxylessCluster:
            Envoy_Config_Cluster_V3_Cluster.typeURL
        case .loadAssignment: Envoy_Config_Endpoint_V3_ClusterLoadAssignment.typeURL
        case .outboundListener, .virtualOutbound, .virtualInbound, .routerListener, .proxylessListener,
            .proxylessServer:
            Envoy_Config_Listener_V3_Listener.typeURL
        case .routeConfiguration, .proxylessRoutes: Envoy_Config_Route_V3_RouteConfiguration.typeURL
        case .extensionConfig: Envoy_Config_Core_V3_TypedExtensionConfig.typeURL
        case .nameTable: Istio_Networking_Nds_V1_NameTable.typeURL
        case .bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap.typeURL
        case .trustedRoots: Istio_Mesh_V1alpha1_ProxyConfig.typeURL
        case .patched(let input, _): input.typeURL
        case .added(let patch): patch.addedTypeURL
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
        case .routerListener(let input): try EnvoyTranslator.routerListener(input)
        case .namedCluster(let input): EnvoyTranslator.namedCluster(input)
        case .proxylessListener(let input): try EnvoyTranslator.proxylessListener(input)
        case .proxylessRoutes(let input): try EnvoyTranslator.proxylessRoutes(input)
        case .proxylessCluster(let input): try EnvoyTranslator.proxylessCluster(input)
        case .proxylessServer(let input): try EnvoyTranslator.proxylessServer(input)
        case .extensionConfig(let found): try found.extensionConfig()
        case .nameTable(let input): EnvoyTranslator.nameTable(input)
        case .bootstrap(let input): EnvoyTranslator.bootstrap(input)
        case .trustedRoots(let input): EnvoyTranslator.trustedRoots(input)
        case .patched(let input, let patches): try patchedResource(input.message(), named: input.name, by: patches)
        case .added(let patch): try patch.addedResource()
        }
    }

    /// The resource as it is sent, and the message where it was needed for that.
    package func encoded() throws -> (bytes: [UInt8], message: (any Message)?) {
        if case .routeConfiguration(let input) = self { return (try input.bytes(), nil) }
        let message = try message()
        return (try message.stableBytes(), message)
    }
}
