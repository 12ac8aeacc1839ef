/// Where something runs, from the widest to the narrowest; empty where it is not known.
package struct Locality: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var region: String
    package var zone: String
    package var subzone: String

    package static let unknown = Locality()

    package init(region: String = "", zone: String = "", subzone: String = "") {
        self.region = region
        self.zone = zone
        self.subzone = subzone
    }

    /// Reads `region/zone/subzone`, or `region.zone.subzone` as labels have to write it. Parts may be missing.
    package init(parsing text: String) {
        let separator: Character = text.contains("/") ? "/" : "."
        let parts = text.split(separator: separator, maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        self.init(
            region: parts.first ?? "", zone: parts.count > 1 ? parts[1] : "", subzone: parts.count > 2 ? parts[2] : "")
    }

    package var isUnknown: Bool { self == .unknown }

    /// `region/zone/subzone`, without the parts that are not known at its end.
    package var description: String {
        if !subzone.isEmpty { return "\(region)/\(zone)/\(subzone)" }
        return zone.isEmpty ? region : "\(region)/\(zone)"
    }

    package static func < (left: Locality, right: Locality) -> Bool {
        (left.region, left.zone, left.subzone) < (right.region, right.zone, right.subzone)
    }
}
