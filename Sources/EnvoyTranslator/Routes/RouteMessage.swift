import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Route_V3_Route {
    init(_ input: RouteInput) throws {
        self.init()
        name = input.name
        match = input.match.map { .init($0) } ?? .everything
        statPrefix = input.match?.statPrefix ?? ""
        if !input.operation.isEmpty { decorator.operation = input.operation }
        if !input.configuration.isEmpty { metadata = .init(configuration: input.configuration) }
        requestHeadersToAdd = .init(input.headers.request)
        requestHeadersToRemove = input.headers.request.removed
        responseHeadersToAdd = .init(input.headers.response)
        responseHeadersToRemove = input.headers.response.removed
        switch input.action {
        case .forward(let forward):
            try add(forward, authority: input.headers.authority)
            if let session = forward.session {
                typedPerFilterConfig[RouteFilterNames.session] = try .init(packing: session.message())
            }
        case .redirect(let redirect, let port, let endsTLS):
            self.redirect = .init(redirect, calledPort: port, endsTLS: endsTLS)
        case .respond(let response): directResponse = .init(response)
        }
        if let fault = input.fault { typedPerFilterConfig[RouteFilterNames.fault] = try .init(packing: fault.message) }
        if let cors = input.cors { typedPerFilterConfig[RouteFilterNames.cors] = try .init(packing: cors.message) }
    }

    private mutating func add(_ forward: ForwardAction, authority: String?) throws {
        route = try .init(forward)
        let authority = forward.rewrite?.authority ?? authority
        if let authority { route.hostRewriteLiteral = authority }
        if let only = forward.clusters.first, forward.clusters.count == 1, only.weight == 0 {
            route.cluster = only.name
            // One cluster has no headers of its own: they join those of the route.
            requestHeadersToAdd += .init(only.headers.request)
            requestHeadersToRemove += only.headers.request.removed
            responseHeadersToAdd += .init(only.headers.response)
            responseHeadersToRemove += only.headers.response.removed
            if authority == nil, let own = only.headers.authority { route.hostRewriteLiteral = own }
        } else {
            route.weightedClusters.clusters = forward.clusters.map { .init($0, overridesAuthority: authority == nil) }
        }
    }
}

extension Envoy_Config_Core_V3_Metadata {
    /// Which object something was made from.
    init(configuration: String) { self.init("istio", ["config": .init(stringValue: configuration)]) }
}

extension Envoy_Config_Route_V3_WeightedCluster.ClusterWeight {
    fileprivate init(_ cluster: ForwardAction.Cluster, overridesAuthority: Bool) {
        self.init()
        name = cluster.name
        weight = .init(cluster.weight)
        requestHeadersToAdd = .init(cluster.headers.request)
        requestHeadersToRemove = cluster.headers.request.removed
        responseHeadersToAdd = .init(cluster.headers.response)
        responseHeadersToRemove = cluster.headers.response.removed
        if overridesAuthority, let authority = cluster.headers.authority { hostRewriteLiteral = authority }
    }
}

extension Envoy_Config_Route_V3_RouteAction {
    /// Without clusters and authority.
    fileprivate init(_ forward: ForwardAction) throws {
        self.init()
        timeout = .init(forward.timeout ?? .zero)
        // What a gRPC client allows counts, up to what the route allows. The newer field for this would put the route's
        // own timeout out of action, and that of EnvoyFilters.
        maxGrpcTimeout = timeout
        if let retries = forward.retries { retryPolicy = try .outbound(retries) }
        hashPolicy = forward.hashPolicies.map { .init($0) }
        requestMirrorPolicies = forward.mirrors.map { mirror in
            .with {
                $0.cluster = mirror.name
                $0.runtimeFraction.defaultValue = .init(mirror.share)
                $0.traceSampled = false
            }
        }
        switch forward.rewrite?.path {
        case nil: break
        case .prefix(let prefix): prefixRewrite = prefix
        case .regex(let pattern, let substitution):
            regexRewrite.pattern.regex = pattern
            regexRewrite.substitution = substitution
        }
    }
}
