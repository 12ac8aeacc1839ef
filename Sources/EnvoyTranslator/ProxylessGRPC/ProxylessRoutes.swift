package import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// All that decides the routes of one port of a service, as gRPC libraries take them.
package struct ProxylessRoutesInput: Hashable, Sendable {
    package var name: String
    /// Of the service, for all domains: the name that was called has told it already.
    package var virtualHost: VirtualHostInput

    package init(name: String, virtualHost: VirtualHostInput) {
        self.name = name
        self.virtualHost = virtualHost
    }
}

/// The routes of one port of a service, as gRPC libraries take them.
///
/// Where a route becomes several, those count: once there are a thousand of them, others of the kind are left out.
package func proxylessRoutes(_ input: ProxylessRoutesInput) throws -> Envoy_Config_Route_V3_RouteConfiguration {
    let mostSplit = 1000
    var split = 0
    return try .with {
        $0.name = input.name
        $0.virtualHosts = [
            try .with {
                $0.name = input.virtualHost.name
                $0.domains = input.virtualHost.domains
                $0.routes = try input.virtualHost.routes.flatMap { route in
                    let routes = try route.proxylessRoutes()
                    if routes.count > 1 { split += routes.count }
                    return routes.count > 1 && split > mostSplit ? [] : routes
                }
            }
        ]
    }
}

extension RouteInput {
    /// Several where the library has no word for a condition, none where no call can meet it.
    fileprivate func proxylessRoutes() throws -> [Envoy_Config_Route_V3_Route] {
        guard let match else { return [try proxylessRoute(.everything)] }
        return try match.ofCalls.map { try proxylessRoute(.init($0)) }
    }

    private func proxylessRoute(_ match: Envoy_Config_Route_V3_RouteMatch) throws -> Envoy_Config_Route_V3_Route {
        try .with {
            $0.name = name
            $0.match = match
            switch action {
            case .forward(let forward): $0.route = .init(ofCalls: forward)
            // No library gives answers by itself: calls that come here fail.
            case .redirect(let redirect, let port, let endsTLS):
                $0.redirect = .init(redirect, calledPort: port, endsTLS: endsTLS)
            case .respond(let response): $0.directResponse = .init(response)
            }
            if let fault {
                $0.typedPerFilterConfig[RouteFilterNames.fault] = try .init(packing: fault.message)
            }
        }
    }
}

extension Envoy_Config_Route_V3_RouteAction {
    /// What libraries look at. They rewrite nothing, copy nothing, and change no headers.
    fileprivate init(ofCalls forward: ForwardAction) {
        self.init()
        if let only = forward.clusters.first, forward.clusters.count == 1, only.weight == 0 {
            cluster = only.name
        } else {
            weightedClusters.clusters = forward.clusters.map { cluster in
                .with {
                    $0.name = cluster.name
                    $0.weight = .init(cluster.weight)
                }
            }
        }
        if let timeout = forward.timeout, timeout > .zero {
            maxStreamDuration.maxStreamDuration = .init(timeout)
        }
        if let retries = forward.retries?.ofCalls { retryPolicy = retries }
        hashPolicy = forward.hashPolicies.compactMap { .init(ofCalls: $0) }
    }
}

extension RetryRule {
    /// Statuses of calls that libraries can try again.
    private static let statuses: Set<String> = [
        "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ]

    /// Nil: nothing is tried again that libraries could tell.
    fileprivate var ofCalls: Envoy_Config_Route_V3_RetryPolicy? {
        let wanted = conditions.isEmpty && statusCodes.isEmpty ? ["unavailable", "cancelled"] : conditions
        let known = wanted.filter(Self.statuses.contains)
        guard attempts > 0, !known.isEmpty else { return nil }
        return .with {
            $0.retryOn = known.joined(separator: ",")
            $0.numRetries = .init(attempts)
            if let backoff { $0.retryBackOff.baseInterval = .init(backoff) }
        }
    }
}

extension Envoy_Config_Route_V3_RouteAction.HashPolicy {
    /// Nil: calls have nothing of the kind.
    fileprivate init?(ofCalls policy: HashPolicy) {
        self.init()
        switch policy {
        case .header(let name): header.headerName = name
        // Whose calls they are is told by the channel that they are made through.
        case .sourceAddress: filterState.key = "io.grpc.channel_id"
        case .cookie, .queryParameter: return nil
        }
    }
}
