import MeshMetrics

/// What is counted of requests, each told of once, when it has ended: a value, without a clock.
///
/// Those of clients whose names are asked for wait until the answer is in or they have waited for long enough; not one by
/// one, but as the totals of a client's series.
struct RequestCounts: Sendable {
    struct Limits: Hashable, Sendable {
        /// Of different tags. Each has up to seventy lines on the page.
        var series = 512
        var reducedSeries = 64
        /// Series of clients whose names are asked for. Beyond, what comes counts without names.
        var waitingSeries = 1024
        /// How long a client's names are waited for.
        var patience: Duration = .seconds(10)
    }

    private struct Key: Hashable, Sendable {
        var tags: [String: String]
        var counted: RequestTotals.Counted
    }

    private struct Waiting: Sendable {
        var since: SuspendingClock.Instant
        var totals: [Key: RequestTotals] = [:]
    }

    private let limits: Limits
    private let bounds: RequestTotals.Bounds
    private var series: BoundedSeries<RequestTotals>
    /// By address.
    private var waiting: [String: Waiting] = [:]
    private var waitingSeries = 0
    /// How many requests counted without names because too many series waited for theirs.
    private(set) var unnamed: UInt64 = 0

    /// - Parameter bounds: Of the histograms' buckets, as Envoy has them.
    init(_ bounds: RequestTotals.Bounds, _ limits: Limits = Limits()) {
        self.limits = limits
        self.bounds = bounds
        series = BoundedSeries(.init(series: limits.series, reduced: limits.reducedSeries), keptTags: Self.keptTags) {
            RequestTotals(tags: $0, counted: $1, bounds: bounds)
        }
    }

    /// What is kept of series when there are too many.
    private static let keptTags: Set<String> = [
        MetricTags.reporter, MetricTags.services, MetricTags.securityPolicy, MetricTags.responseCode,
        MetricTags.grpcStatus, MetricTags.messages, MetricTags.removed, MetricTags.changed,
    ]

    /// All series.
    var totals: [RequestTotals] { series.all }
    /// How many records counted in series that are shared because there are too many.
    var folded: UInt64 { series.folded }
    var isWaiting: Bool { !waiting.isEmpty }
    func isWaiting(for address: String) -> Bool { waiting[address] != nil }

    /// Takes what Envoy told.
    ///
    /// - Parameter counted: What counts of it.
    mutating func receive(
        _ record: RequestRecord, counted: RequestTotals.Counted, peers: inout PeerDirectory,
        now: SuspendingClock.Instant
    ) {
        let address = record.clientAddress
        if !address.isEmpty {
            if waiting[address] != nil {
                if hold(record, counted) { return }
            } else {
                switch peers.answer(for: address, now: now) {
                case .workload(let workload):
                    series.count(record.tags.located(workload), counted) { $0.count(record.request) }
                    return
                case .unknown:
                    waiting[address] = Waiting(since: now)
                    if hold(record, counted) { return }
                    waiting[address] = nil
                case .nobody: break
                }
            }
        }
        series.count(record.tags, counted) { $0.count(record.request) }
    }

    /// False: there is no room.
    private mutating func hold(_ record: RequestRecord, _ counted: RequestTotals.Counted) -> Bool {
        let key = Key(tags: record.tags, counted: counted)
        if waiting[record.clientAddress]?.totals[key]?.count(record.request) != nil { return true }
        guard waitingSeries < limits.waitingSeries else {
            unnamed += 1
            return false
        }
        waitingSeries += 1
        var totals = RequestTotals(tags: record.tags, counted: counted, bounds: bounds)
        totals.count(record.request)
        waiting[record.clientAddress]?.totals[key] = totals
        return true
    }

    /// Counts those that need not wait any more: their clients are known now, or have been asked for long enough.
    mutating func settle(_ peers: inout PeerDirectory, now: SuspendingClock.Instant) {
        for (address, held) in waiting {
            let workload: PeerWorkload?
            switch peers.answer(for: address, now: now) {
            case .workload(let found): workload = found
            case .nobody: workload = nil
            case .unknown:
                guard now - held.since >= limits.patience else { continue }
                workload = nil
            }
            waiting[address] = nil
            waitingSeries -= held.totals.count
            for (key, totals) in held.totals {
                let tags = workload.map { key.tags.located($0) } ?? key.tags
                series.count(tags, key.counted) { $0.add(totals) }
            }
        }
    }
}
