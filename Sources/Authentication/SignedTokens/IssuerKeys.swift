import Logging
import MeshModel

/// The keys of one issuer: given, or fetched when they are needed and kept fresh.
///
/// ```
/// none yet              whoever asks waits for the fetch; a failure is told to all, and not asked again for `retry`
/// older than `refresh`  fetched anew beside; those that are there count until others come
/// a key is not among    fetched anew, once in `retry`: issuers change keys, and strangers make names of keys up
/// ```
actor IssuerKeys {
    private static let refresh = Duration.seconds(20 * 60)
    private static let retry = Duration.seconds(10)

    private let rule: WorkloadTokenRule
    private let fetcher: any KeySetFetching
    private let logger: Logger
    private var keys: [JSONWebKey]?
    private var fetched: ContinuousClock.Instant?
    private var asked: ContinuousClock.Instant?
    private var failure: (any Error)?
    private var underWay: Task<Void, Never>?
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        _ rule: WorkloadTokenRule, fetcher: any KeySetFetching, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.rule = rule
        self.fetcher = fetcher
        self.logger = logger
        self.now = now
        if case .given(let text) = rule.keys { keys = JSONWebKey.keys(ofSet: text) }
    }

    /// Those of now, with the one of this name if there is such a one.
    ///
    /// - Throws: Why there are none.
    func keys(with id: String?) async throws -> [JSONWebKey] {
        guard case .fetched(let source) = rule.keys else { return keys ?? [] }
        if let keys {
            let isKnown = id.map { id in keys.contains { $0.id == nil || $0.id == id } } ?? true
            let isFresh = fetched.map { now() < $0 + Self.refresh } ?? false
            if isKnown, isFresh { return keys }
            let fetch = fetchUnlessJustAsked(source)
            if !isKnown { await fetch?.value }
        } else {
            await fetchUnlessJustAsked(source)?.value
        }
        if let keys { return keys }
        throw failure ?? CancellationError()
    }

    private func fetchUnlessJustAsked(_ source: KeySetSource) -> Task<Void, Never>? {
        if let underWay { return underWay }
        if let asked, now() < asked + Self.retry { return nil }
        asked = now()
        let task = Task { await fetch(source) }
        underWay = task
        return task
    }

    private func fetch(_ source: KeySetSource) async {
        do {
            keys = JSONWebKey.keys(ofSet: try await fetcher.keySet(from: source, within: rule.timeout))
            fetched = now()
            failure = nil
        } catch {
            failure = error
            logger.warning(
                "Cannot fetch the keys of tokens; those that came before stay",
                metadata: ["issuer": "\(rule.issuer)", "error": "\(error)"])
        }
        underWay = nil
    }
}
