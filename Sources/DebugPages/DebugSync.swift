import DiscoveryServer
import KubernetesModel
import XDSServer

extension DebugPage {
    /// One entry a proxy, in the shape that istioctl reads, and beside it what tells replicas and versions apart.
    ///
    /// ```
    /// proxy            POD.NAMESPACE                    node        the whole node id
    /// cluster_id       of the proxy                     revision    of this control plane
    /// *_sent, *_acked  nonces: equal means SYNCED       identities  that the client has proven
    /// types            by type URL: state, and the versions that were sent and acknowledged last
    /// endpoints        by cluster: the version of its endpoints that was acknowledged last
    /// ```
    /// Versions are hashes of content: replicas agree on them.
    @Sendable static func syncz(_ request: DebugRequest) async -> DebugAnswer {
        let wanted = request.parameter("proxyID")
        let withEndpoints = request.parameter("endpoints") != "false"
        let service = request.parameter("service")
        let proxies = request.proxies(versionsOf: withEndpoints ? [.endpoint] : [])
            .filter { proxy in wanted.map(proxy.isCalled) ?? true }
        return .json(
            .array(
                proxies.map { proxy in
                    var entry = sync(of: proxy, revision: request.site.revision)
                    if withEndpoints { entry["endpoints"] = endpoints(of: proxy.connection, service: service) }
                    return entry
                }))
    }

    private static func sync(of proxy: ProxyDescription, revision: String) -> JSONValue {
        let connection = proxy.connection
        let version = proxy.node.version ?? ""
        var entry: JSONValue = [
            "cluster_id": .string(proxy.metadata["CLUSTER_ID"]?.string ?? ""), "proxy": .string(proxy.name),
            "proxy_type": .string(proxy.kind), "istio_version": .string(version), "proxy_version": .string(version),
            "node": .string(proxy.node.id), "revision": .string(revision),
            "identities": JSONValue(connection.identity.names),
            "protocol": connection.status.variant == .delta ? "delta" : "sotw",
            "draining": .bool(connection.status.isDraining), "synced": .bool(connection.status.isSynced),
        ]
        var types: [String: JSONValue] = [:]
        for status in connection.status.types {
            if let name = istioNames[status.typeURL] {
                entry["\(name)_sent"] = status.sent.map { .string($0.nonce) }
                entry["\(name)_acked"] = status.acknowledged.map { .string($0.nonce) }
            }
            types[status.typeURL.rawValue] = summary(of: status, connection.counters[status.typeURL])
        }
        entry["types"] = .object(types)
        return entry
    }

    /// The prefixes of istioctl's fields.
    private static let istioNames: [TypeURL: String] = [
        .cluster: "cluster", .listener: "listener", .route: "route", .endpoint: "endpoint",
        .extensionConfig: "extensionconfig",
    ]

    private static func summary(of status: SubscriptionStatus, _ counters: SubscriptionCounters?) -> JSONValue {
        func version(_ sent: SentVersion?) -> JSONValue? {
            sent.map { ["version": .string("\($0.version)"), "nonce": .string($0.nonce)] }
        }
        var json: JSONValue = ["state": .string(status.state.rawValue)]
        json["current"] = status.current.map { .string("\($0)") }
        json["sent"] = version(status.sent)
        json["acked"] = version(status.acknowledged)
        if let rejection = status.rejection {
            json["rejected"] = [
                "message": .string(rejection.message), "resource": JSONValue(rejection.culprit),
                "version": .string("\(rejection.answer.version)"),
            ]
        }
        if !status.quarantined.isEmpty { json["quarantined"] = JSONValue(Array(status.quarantined)) }
        if let counters {
            json["pushes"] = .integer(Int64(counters.pushes))
            json["rejects"] = .integer(Int64(counters.rejects))
        }
        return json
    }

    /// - Parameter service: Only of clusters of this host; nil: all.
    private static func endpoints(of connection: DiscoveryConnection, service: String?) -> JSONValue {
        let versions = connection.held[.endpoint] ?? [:]
        // outbound|PORT|SUBSET|HOST
        let wanted = versions.filter { name, _ in service.map { name == $0 || name.hasSuffix("|\($0)") } ?? true }
        return .object(wanted.mapValues { .string("\($0)") })
    }
}
