/// Which endpoints a caller prefers, as far as its own place decides that: callers of which the same is true share it.
package enum EndpointPlacement: Hashable, Sendable {
    /// Places count by the weight of their endpoints.
    case even
    /// Places count by their share, and no others are called.
    case shares([Share])
    /// Near endpoints are called as long as enough of them are healthy: first those that share the most labels, then those
    /// that are nearest.
    case nearest(labels: [Label], locality: Anchor?)

    package struct Share: Hashable, Sendable {
        /// `region/zone/subzone`, where a part that is missing or `*` stands for any.
        package var place: String
        package var percent: Int

        package init(place: String, percent: Int) {
            self.place = place
            self.percent = percent
        }
    }

    /// A label and the value that endpoints should have.
    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where the caller is.
    package struct Anchor: Hashable, Sendable {
        package var locality: Locality
        /// The region that takes the place of the caller's own.
        package var standIn: String?
        /// Places of one region are equally near.
        package var isRegional: Bool

        package init(locality: Locality, standIn: String? = nil, isRegional: Bool = false) {
            self.locality = locality
            self.standIn = standIn
            self.isRegional = isRegional
        }
    }

    /// - Parameters:
    ///   - detectsOutliers: Failing endpoints are left out: without that, no proxy would ever turn to farther ones.
    package init(_ preference: PlacePreference?, for caller: EndpointPreference, detectsOutliers: Bool) {
        guard let preference else {
            self = .even
            return
        }
        let setting = preference.setting
        if !setting.distribute.isEmpty {
            let rule = setting.distribute.first { caller.locality.matches($0.from) }
            // The most specific place comes first: it takes what less specific ones would.
            self = rule.map { .shares($0.to.map(Share.init).sorted { $0.isMoreSpecific(than: $1) }) } ?? .even
            return
        }
        guard preference.isAlwaysOrdered || detectsOutliers else {
            self = .even
            return
        }
        let labels = setting.priorities.map { name, value in
            Label(name: name, value: value ?? caller.value(of: name))
        }
        let isAnchored = labels.isEmpty || !setting.failover.isEmpty || setting.isRegional
        let anchor =
            caller.locality.isUnknown || !isAnchored
            ? nil
            : Anchor(
                locality: caller.locality,
                standIn: setting.failover.first { $0.from == caller.locality.region }?.to,
                isRegional: setting.isRegional)
        self = labels.isEmpty && anchor == nil ? .even : .nearest(labels: labels, locality: anchor)
    }
}

extension EndpointPlacement.Share {
    fileprivate init(_ share: (key: String, value: Int)) { self.init(place: share.key, percent: share.value) }

    private var depth: Int { place.split(separator: "/").count { $0 != "*" } }

    fileprivate func isMoreSpecific(than other: Self) -> Bool {
        depth == other.depth ? place < other.place : depth > other.depth
    }
}

extension Locality {
    /// Whether it is in a place such as `region/zone/subzone`, where a part that is missing or `*` stands for any.
    package func matches(_ place: String) -> Bool {
        let wanted = place.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let own = [region, zone, subzone]
        return zip(wanted, own).enumerated().allSatisfy { index, pair in
            pair.0 == "*" || index > 0 && pair.0.isEmpty || pair.0 == pair.1
        }
    }

    /// How far another place is: 0 for the same, up to 3 for another region.
    package func distance(to other: Locality) -> Int {
        if region != other.region { return 3 }
        if zone != other.zone { return 2 }
        return subzone == other.subzone ? 0 : 1
    }
}

extension EndpointPreference {
    /// Of a label that endpoints should share.
    fileprivate func value(of label: String) -> String {
        TopologyLabel.value(of: label, locality, network: network, cluster: clusterID, node: node) ?? labels[label]
            ?? ""
    }
}

extension Endpoint {
    /// Of a label that it should share with its caller.
    package func value(of label: String) -> String {
        TopologyLabel.value(of: label, locality, network: network, cluster: clusterID, node: node) ?? labels[label]
            ?? ""
    }
}

extension TopologyLabel {
    /// Nil for a label that does not say where something is.
    fileprivate static func value(
        of label: String, _ locality: Locality, network: String, cluster: String, node: String
    ) -> String? {
        switch label {
        case region: locality.region
        case zone: locality.zone
        case subzone: locality.subzone
        case Self.network: network
        case Self.cluster: cluster
        case Self.node: node
        default: nil
        }
    }
}
