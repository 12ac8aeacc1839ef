import EnvoyAPI
import MeshMetrics
import SwiftProtobuf

/// How sidecars and gateways tell each other what their workloads are called, so that both can name both in metrics.
///
/// The client's names travel in a header of the request, the server's in the same header of the response. A server listens
/// to those alone that have shown a certificate, and answers those alone that have said their names. Nothing of it goes to
/// clusters outside of the mesh or comes to an application.
package enum PeerExchange: Hashable, Sendable {
    /// A client takes in what the server says. It stands in front of `announce`, through which answers come first.
    case hear
    /// A client says what it is called, to clusters of services of the mesh, and lets no answers through but those that
    /// count.
    case announce
    /// A server takes in what a client with a certificate says.
    case note
    /// A server answers whom it has noted.
    case answer
    /// Whatever anybody says is taken out.
    case withhold

    /// In the language of access logs: what a peer said that was noted.
    static let notedNames = "%DYNAMIC_METADATA(\(metadata):\(namesKey)):200%"

    /// Requests by clients that have said what they are called, or by all others.
    static func noted(_ isNoted: Bool) -> Envoy_Config_Accesslog_V3_AccessLogFilter {
        .with {
            $0.metadataFilter.matcher.filter = metadata
            $0.metadataFilter.matcher.path = [.with { $0.key = namesKey }]
            $0.metadataFilter.matcher.value.presentMatch = isNoted
            $0.metadataFilter.matchIfKeyNotFound = .init(!isNoted)
        }
    }

    /// Of a server with a certificate that the control plane has no name for.
    private static let isAsked =
        "upstream.uri_san_peer_certificate != '' && !('istio' in xds.upstream_host_metadata.filter_metadata)"

    private static let metadata = "mesh.peer"
    private static let namesKey = "names"
    private static let ownNames = "xds.node.metadata.\(MetricTags.nodeMetadata)"

    func httpFilter() throws -> HTTPFilter {
        switch self {
        case .announce:
            let isOfMesh =
                "'default_original_port' in xds.cluster_metadata.filter_metadata.istio"
                + " && !('external' in xds.cluster_metadata.filter_metadata.istio)"
            let answer = "%CEL(\(Self.isAsked) ? response.headers['\(MetricTags.header)'] : '-')%"
            return try mutation {
                $0.requestMutations = .header(saying: "%CEL(\(isOfMesh) ? \(Self.ownNames) : '')%")
                $0.responseMutations = [.header(answer, .overwriteIfExists)]
            }
        case .answer:
            let isNoted = "'\(Self.metadata)' in metadata.filter_metadata"
            return try mutation { $0.responseMutations = .header(saying: "%CEL(\(isNoted) ? \(Self.ownNames) : '')%") }
        case .withhold:
            return try mutation {
                $0.requestMutations = [.with { $0.remove = MetricTags.header }]
                $0.responseMutations = [.with { $0.remove = MetricTags.header }]
            }
        case .hear: return try taking { $0.responseRules = [$1] }
        case .note: return try taking { $0.requestRules = [$1] }
        }
    }

    private func mutation(
        _ edit: (inout Envoy_Extensions_Filters_Http_HeaderMutation_V3_Mutations) -> Void
    ) throws -> HTTPFilter {
        try .named(
            "envoy.filters.http.header_mutation",
            Envoy_Extensions_Filters_Http_HeaderMutation_V3_HeaderMutation.with { edit(&$0.mutations) })
    }

    private typealias HeaderToMetadata = Envoy_Extensions_Filters_Http_HeaderToMetadata_V3_Config

    private func taking(_ edit: (inout HeaderToMetadata, HeaderToMetadata.Rule) -> Void) throws -> HTTPFilter {
        let rule: HeaderToMetadata.Rule = .with {
            $0.header = MetricTags.header
            $0.onHeaderPresent.metadataNamespace = Self.metadata
            $0.onHeaderPresent.key = Self.namesKey
            $0.remove = true
        }
        return try .named("envoy.filters.http.header_to_metadata", HeaderToMetadata.with { edit(&$0, rule) })
    }
}

extension [Envoy_Config_Common_MutationRules_V3_HeaderMutation] {
    /// What was there is gone; what comes out empty is not added.
    fileprivate static func header(saying format: String) -> Self {
        [
            .with { $0.remove = MetricTags.header },
            .header(format, .overwriteIfExistsOrAdd),
        ]
    }
}

extension Envoy_Config_Common_MutationRules_V3_HeaderMutation {
    fileprivate static func header(
        _ format: String, _ action: Envoy_Config_Core_V3_HeaderValueOption.HeaderAppendAction
    ) -> Self {
        .with {
            $0.append.header.key = MetricTags.header
            $0.append.header.value = format
            $0.append.appendAction = action
        }
    }
}
