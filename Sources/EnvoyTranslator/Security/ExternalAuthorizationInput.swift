import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides a filter that asks a provider.
package struct ExternalAuthorizationInput: Hashable, Sendable {
    /// By which policies name it.
    package var name: String
    package var provider: AuthorizationProvider
    /// The provider's service.
    package var host: String

    func httpFilter() throws -> HTTPFilter {
        try .named(
            "envoy.filters.http.ext_authz",
            Envoy_Extensions_Filters_Http_ExtAuthz_V3_ExtAuthz.with {
                $0.failureModeAllow = provider.allowsOnFailure
                $0.clearRouteCache_p = provider.clearsRouteCache
                $0.filterEnabledMetadata = .init(asking: name, foundBy: AccessControlInput.httpName)
                $0.transportApiVersion = .v3
                if let status = provider.statusOnError { $0.statusOnError.code = .init(rawValue: status) ?? .forbidden }
                if let body = provider.body {
                    $0.withRequestBody = .with {
                        $0.maxRequestBytes = UInt32(clamping: body.limit)
                        $0.allowPartialMessage = body.allowsPartial
                        $0.packAsBytes = body.isBytes
                    }
                }
                switch provider.kind {
                case .grpc: $0.grpcService = grpcService
                case .http(let http):
                    if !http.requestHeaders.isEmpty { $0.allowedHeaders = .headers(http.requestHeaders) }
                    $0.httpService = httpService(http)
                }
            })
    }

    func networkFilter() throws -> Envoy_Config_Listener_V3_Filter {
        try .named(
            "envoy.filters.network.ext_authz",
            Envoy_Extensions_Filters_Network_ExtAuthz_V3_ExtAuthz.with {
                $0.failureModeAllow = provider.allowsOnFailure
                $0.filterEnabledMetadata = .init(asking: name, foundBy: AccessControlInput.networkName)
                $0.grpcService = grpcService
                $0.statPrefix = "tcp."
                $0.transportApiVersion = .v3
            })
    }

    private var cluster: String { ClusterNames.outbound(port: provider.port, host: host) }

    /// Something has to be said; without a word of the mesh settings there is as good as no limit.
    private var timeout: Google_Protobuf_Duration { .init(provider.timeout ?? .seconds(600)) }

    private var grpcService: Envoy_Config_Core_V3_GrpcService {
        .with {
            $0.envoyGrpc.clusterName = cluster
            $0.envoyGrpc.authority = host
            $0.timeout = timeout
        }
    }

    private func httpService(
        _ http: HTTPAuthorizer
    ) -> Envoy_Extensions_Filters_Http_ExtAuthz_V3_HttpService {
        .with {
            $0.serverUri.uri = "http://\(host)"
            $0.serverUri.cluster = cluster
            $0.serverUri.timeout = timeout
            $0.pathPrefix = http.pathPrefix
            if !http.additionalHeaders.isEmpty {
                $0.authorizationRequest.headersToAdd = http.additionalHeaders.sorted { $0.key < $1.key }
                    .map { entry in
                        .with {
                            $0.key = entry.key
                            $0.value = entry.value
                        }
                    }
            }
            if !http.headersToUpstream.isEmpty {
                $0.authorizationResponse.allowedUpstreamHeaders = .headers(http.headersToUpstream)
            }
            if !http.headersOnDeny.isEmpty {
                $0.authorizationResponse.allowedClientHeaders = .headers(http.headersOnDeny)
            }
            if !http.headersOnAllow.isEmpty {
                $0.authorizationResponse.allowedClientHeadersOnSuccess = .headers(http.headersOnAllow)
            }
        }
    }
}

extension Envoy_Type_Matcher_V3_ListStringMatcher {
    /// Names of headers, in whatever case.
    fileprivate static func headers(_ names: [String]) -> Self {
        .with {
            $0.patterns = names.map { name in
                var matcher = Envoy_Type_Matcher_V3_StringMatcher(TextPattern(name))
                // A regular expression of anything has no case.
                if TextPattern(name) != .any { matcher.ignoreCase = true }
                return matcher
            }
        }
    }
}
