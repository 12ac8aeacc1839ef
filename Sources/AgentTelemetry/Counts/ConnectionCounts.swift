import MeshMetrics

/// What is counted of connections, told of while they are open: a value, without a clock.
///
/// Envoy tells what a connection has had from its beginning on; what it has had since it was last told of is counted.
/// Connections of clients whose names are asked for wait, with what they have had, until the answer is in or they have
/// waited for long enough.
struct ConnectionCounts: Sendable {
    struct Limits: Hashable, Sendable {
        /// That are followed; of others the end counts, with all that they had.
        var connections = 16_384
        /// Of different tags. Beyond, those of clients fall together, and at last all.
        var series = 2048
        var reducedSeries = 256
        /// How long a client's names are waited for.
        var patience: Duration = .seconds(10)
        /// Envoy tells of each connection every five minutes at least: of one that it has not told of for so long it will
        /// never tell again.
        var silence: Duration = .seconds(15 * 60)
    }

    /// A connection in one log: each counts for itself.
    private struct Connection: Hashable, Sendable {
        var id: String
        var counted: ConnectionTotals.Counted
    }

    private struct State: Sendable {
        var received: UInt64 = 0
        var sent: UInt64 = 0
        /// The client's names when it was opened; empty: unknown.
        var names = ""
        var lastSeen: SuspendingClock.Instant
        /// Where it counted last.
        var series = 0
    }

    /// What a connection has had while its client's names are asked for.
    private struct Waiting: Sendable {
        var since: SuspendingClock.Instant
        var address: String
        var totals: [ConnectionTotals]
        var hasEnded = false
    }

    private let limits: Limits
    private var series: BoundedSeries<ConnectionTotals>
    private var open: [Connection: State] = [:]
    private var waiting: [Connection: Waiting] = [:]
    /// How many wait for each address.
    private var waited: [String: Int] = [:]
    /// How many connections were not followed.
    private(set) var untracked: UInt64 = 0

    init(_ limits: Limits = Limits()) {
        self.limits = limits
        series = BoundedSeries(.init(series: limits.series, reduced: limits.reducedSeries), keptTags: Self.keptTags) {
            ConnectionTotals(tags: $0, counted: $1)
        }
    }

    /// What is kept of series when there are too many.
    private static let keptTags: Set<String> = [
        MetricTags.reporter, MetricTags.services, MetricTags.securityPolicy, MetricTags.removed, MetricTags.changed,
    ]

    /// All series.
    var totals: [ConnectionTotals] { series.all }
    /// How many records counted in series that are shared because there are too many.
    var folded: UInt64 { series.folded }
    var openCount: Int { open.count }
    var isWaiting: Bool { !waiting.isEmpty }
    func isWaiting(for address: String) -> Bool { waited[address] != nil }

    // MARK: - Records

    /// Takes what Envoy told.
    ///
    /// - Parameter counted: What counts of it.
    mutating func receive(
        _ record: ConnectionRecord, counted: ConnectionTotals.Counted, peers: inout PeerDirectory,
        now: SuspendingClock.Instant
    ) {
        let connection = Connection(id: record.id, counted: counted)
        var totals = ConnectionTotals(tags: record.tags, counted: counted)
        var state = open[connection] ?? State(lastSeen: now)
        let isNew = open[connection] == nil
        if isNew, !record.isEnd, open.count >= limits.connections || record.id.isEmpty {
            untracked += 1
            return
        }
        totals.opened = isNew ? 1 : 0
        totals.received = record.received &- min(record.received, state.received)
        totals.sent = record.sent &- min(record.sent, state.sent)
        (state.received, state.sent) = (max(record.received, state.received), max(record.sent, state.sent))
        state.lastSeen = now
        totals.closed = record.isEnd ? 1 : 0
        open[connection] = record.isEnd ? nil : state
        if waiting[connection] != nil {
            hold(totals, of: connection, isEnd: record.isEnd)
            return
        }
        guard !record.clientAddress.isEmpty else {
            place(totals, names: "", of: connection)
            return
        }
        guard isNew || state.names.isEmpty else {
            place(totals, names: state.names, of: connection)
            return
        }
        switch peers.answer(for: record.clientAddress, now: now) {
        case .workload(let workload):
            let names = workload.names(for: totals.tags)
            if isNew { open[connection]?.names = names }
            // Where a connection is counted as opened, there it is counted as closed.
            if !isNew, totals.closed > 0 {
                var end = totals
                (end.received, end.sent) = (0, 0)
                totals.closed = 0
                place(end, names: "", of: connection)
            }
            place(totals, names: names, of: connection)
        case .unknown where isNew && waiting.count < limits.connections:
            waiting[connection] = Waiting(since: now, address: record.clientAddress, totals: [totals])
            waiting[connection]?.hasEnded = record.isEnd
            waited[record.clientAddress, default: 0] += 1
        case .unknown, .nobody:
            place(totals, names: "", of: connection)
        }
    }

    private mutating func hold(_ totals: ConnectionTotals, of connection: Connection, isEnd: Bool) {
        guard var held = waiting[connection] else { return }
        held.hasEnded = held.hasEnded || isEnd
        if let index = held.totals.firstIndex(where: { $0.tags == totals.tags }) {
            held.totals[index].add(totals)
        } else {
            held.totals.append(totals)
        }
        waiting[connection] = held
    }

    // MARK: - Waiting

    /// Counts those that need not wait any more: their clients are known now, or have been asked for long enough. Forgets
    /// those of which Envoy will not tell again.
    mutating func settle(_ peers: inout PeerDirectory, now: SuspendingClock.Instant) {
        for (connection, held) in waiting {
            let workload: PeerWorkload?
            switch peers.answer(for: held.address, now: now) {
            case .workload(let found): workload = found
            case .nobody: workload = nil
            case .unknown:
                guard now - held.since >= limits.patience else { continue }
                workload = nil
            }
            release(connection, held, workload)
        }
        for (connection, state) in open where now - state.lastSeen >= limits.silence {
            open[connection] = nil
            if waiting[connection] == nil { series.count(at: state.series) { $0.closed += 1 } }
        }
    }

    private mutating func release(_ connection: Connection, _ held: Waiting, _ workload: PeerWorkload?) {
        waiting[connection] = nil
        waited[held.address] = waited[held.address].flatMap { $0 > 1 ? $0 - 1 : nil }
        for totals in held.totals {
            let names = workload?.names(for: totals.tags) ?? ""
            if totals.opened > 0, !held.hasEnded { open[connection]?.names = names }
            place(totals, names: names, of: connection)
        }
    }

    // MARK: - Series

    private mutating func place(_ totals: ConnectionTotals, names: String, of connection: Connection) {
        var tags = totals.tags
        if !names.isEmpty { tags[MetricTags.located] = names }
        let index = series.count(tags, totals.counted) { $0.add(totals) }
        open[connection]?.series = index
    }
}

extension ConnectionTotals {
    fileprivate mutating func add(_ other: ConnectionTotals) {
        opened &+= other.opened
        closed &+= other.closed
        sent &+= other.sent
        received &+= other.received
    }
}
