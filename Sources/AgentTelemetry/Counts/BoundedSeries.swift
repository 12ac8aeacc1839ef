import MeshMetrics

/// What is counted of one series of metrics.
protocol SeriesTotals: Sendable {
    associatedtype Counted: Hashable & Sendable
    /// By which it is counted (`MetricTags`).
    var tags: [String: String] { get set }
    /// Which metrics have these tags.
    var counted: Counted { get }
}

extension ConnectionTotals: SeriesTotals {}
extension RequestTotals: SeriesTotals {}

/// Series by their tags, not more than there is room for: a value.
///
/// Beyond, those of different clients fall together, and at last all.
struct BoundedSeries<Totals: SeriesTotals>: Sendable {
    struct Limits: Hashable, Sendable {
        /// Of all tags.
        var series: Int
        /// Of those tags that are kept beyond.
        var reduced = 256
    }

    private struct Key: Hashable, Sendable {
        var tags: [String: String]
        var counted: Totals.Counted
    }

    private let limits: Limits
    /// What is kept of series when there are too many.
    private let keptTags: Set<String>
    private let make: @Sendable ([String: String], Totals.Counted) -> Totals
    private var places: [Key: Int] = [:]
    private(set) var all: [Totals] = []
    /// How many times something counted in a series that is shared because there are too many.
    private(set) var folded: UInt64 = 0

    /// - Parameters:
    ///   - keptTags: What is kept of series when there are too many.
    ///   - make: A series that has counted nothing.
    init(
        _ limits: Limits, keptTags: Set<String>,
        make: @escaping @Sendable ([String: String], Totals.Counted) -> Totals
    ) {
        self.limits = limits
        self.keptTags = keptTags
        self.make = make
    }

    /// Counts something in the series with these tags.
    ///
    /// - Returns: Where that is.
    @discardableResult
    mutating func count(
        _ tags: [String: String], _ counted: Totals.Counted, _ add: (inout Totals) -> Void
    ) -> Int {
        let index = index(of: tags, counted)
        add(&all[index])
        return index
    }

    /// Counts something more in a series.
    mutating func count(at index: Int, _ add: (inout Totals) -> Void) { add(&all[index]) }

    private mutating func index(of tags: [String: String], _ counted: Totals.Counted) -> Int {
        var key = Key(tags: tags, counted: counted)
        if let index = places[key] { return index }
        if all.count >= limits.series {
            folded += 1
            key.tags = key.tags.filter { keptTags.contains($0.key) }
            if let index = places[key] { return index }
            if all.count >= limits.series + limits.reduced {
                key.tags = key.tags.filter { $0.key == MetricTags.reporter }
                if let index = places[key] { return index }
                // Envoy says who reports: there are two, and few kinds of logs.
                if all.count >= limits.series + limits.reduced + 64 { return all.count - 1 }
            }
        }
        all.append(make(key.tags, key.counted))
        places[key] = all.count - 1
        return all.count - 1
    }
}
