import MeshModel

/// Endpoints of one place that are preferred alike.
struct EndpointGroup {
    var locality: Locality
    /// Less is preferred; without gaps from 0.
    var priority = 0
    /// Relative to the groups of the same priority.
    var weight: Int
    var endpoints: [Endpoint]

    private init(_ locality: Locality, _ endpoints: [Endpoint]) {
        self.locality = locality
        self.endpoints = endpoints
        weight = endpoints.reduce(0) { $0 + max(1, $1.weight) }
    }

    /// Sorted by place, then by priority.
    static func groups(of endpoints: [Endpoint], by placement: EndpointPlacement) -> [EndpointGroup] {
        let places = Dictionary(grouping: endpoints, by: \.locality).sorted { $0.key < $1.key }
            .map { EndpointGroup($0.key, $0.value) }
        switch placement {
        case .even: return places
        case .shares(let shares): return shared(places, shares)
        case .nearest(let labels, let anchor): return ordered(places, labels, anchor)
        }
    }

    /// What several places have in common is divided by their weights.
    private static func shared(_ places: [EndpointGroup], _ shares: [EndpointPlacement.Share]) -> [EndpointGroup] {
        var left = places
        var called: [EndpointGroup] = []
        for share in shares {
            let matching = left.filter { $0.locality.matches(share.place) }
            left.removeAll { $0.locality.matches(share.place) }
            let sum = matching.reduce(0) { $0 + $1.weight }
            called += matching.map { group in
                var group = group
                group.weight = (group.weight * share.percent + sum - 1) / sum
                return group
            }
        }
        return called.filter { $0.weight > 0 }.sorted { $0.locality < $1.locality }
    }

    private static func ordered(
        _ places: [EndpointGroup], _ labels: [EndpointPlacement.Label], _ anchor: EndpointPlacement.Anchor?
    ) -> [EndpointGroup] {
        // Five distances at most lie within one count of labels.
        let groups = places.flatMap { place in
            let distance = anchor?.distance(to: place.locality) ?? 0
            return Dictionary(grouping: place.endpoints) { $0.missing(labels) * 5 + distance }
                .sorted { $0.key < $1.key }
                .map { priority, endpoints in
                    var group = EndpointGroup(place.locality, endpoints)
                    group.priority = priority
                    return group
                }
        }
        let used = Set(groups.map(\.priority)).sorted()
        let ranks = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        return groups.map { group in
            var group = group
            group.priority = ranks[group.priority] ?? 0
            return group
        }
    }
}

extension Endpoint {
    /// How much is missing: 0 if all labels are as they should be, more the earlier the first one is that is not.
    fileprivate func missing(_ labels: [EndpointPlacement.Label]) -> Int {
        labels.firstIndex { value(of: $0.name) != $0.value }.map { labels.count - $0 } ?? 0
    }
}

extension EndpointPlacement.Anchor {
    /// How far a place is. Where a region takes the place of another one, all others are farther than it.
    fileprivate func distance(to place: Locality) -> Int {
        let distance = isRegional && locality.region == place.region ? 0 : locality.distance(to: place)
        guard distance == 3, let standIn else { return distance }
        return place.region == standIn ? 3 : 4
    }
}
