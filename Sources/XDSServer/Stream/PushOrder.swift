/// The order in which the types of a stream take their turn: a resource before those that name it, so that no request
/// meets a route whose cluster has not arrived.
enum PushOrder {
    private static let ranks: [TypeURL: Int] = [
        .cluster: 0, .endpoint: 1, .listener: 2, .scopedRoute: 3, .route: 4, .virtualHost: 5, .secret: 6,
        .extensionConfig: 6,
    ]

    /// Types without a rank wait for nothing, and nothing waits for them.
    static func rank(of typeURL: TypeURL) -> Int? { ranks[typeURL] }

    /// By rank, then by name.
    static func sorted(_ typeURLs: some Sequence<TypeURL>) -> [TypeURL] {
        typeURLs.sorted { left, right in
            let ranks = (rank(of: left) ?? .max, rank(of: right) ?? .max)
            return ranks.0 == ranks.1 ? left < right : ranks.0 < ranks.1
        }
    }

    /// What comes later waits until the earlier type is answered, but for what the client needs to warm the earlier one
    /// and answers nothing before it has: clusters get endpoints and certificates at once.
    static func blocks(_ earlier: TypeURL, _ later: TypeURL) -> Bool {
        guard let first = rank(of: earlier), let second = rank(of: later), first < second else { return false }
        return !(isAnsweredWarm(earlier) && (later == .endpoint || later == .secret))
    }

    /// A client acknowledges these only when all of them are warm. Envoy does so with clusters.
    static func isAnsweredWarm(_ typeURL: TypeURL) -> Bool { typeURL == .cluster }

    /// The type whose resources are warmed anew after this type's.
    static func dependents(of typeURL: TypeURL) -> TypeURL? {
        switch typeURL {
        case .cluster: .endpoint
        case .listener: .route
        default: nil
        }
    }

    /// Nothing of a type is taken away while these are unsettled: they may still name it.
    static func referrers(of typeURL: TypeURL) -> [TypeURL] {
        switch typeURL {
        case .cluster: [.listener, .scopedRoute, .route, .virtualHost, .extensionConfig]
        case .endpoint: [.cluster]
        case .route, .scopedRoute, .extensionConfig: [.listener]
        case .virtualHost: [.route]
        case .secret: [.cluster, .listener]
        default: []
        }
    }
}
