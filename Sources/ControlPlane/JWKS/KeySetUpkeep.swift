package import KubernetesModel
package import Logging
package import MeshModel
package import MeshTranslator
import ServiceLifecycle
import Synchronization

/// Has the keys that RequestAuthentications need, and keeps them fresh.
package final class KeySetUpkeep: Service {
    private let fetcher: any KeySetFetching
    private let take: @Sendable (ObjectChange, ObjectReference) -> Void
    private let logger: Logger
    private let state: Mutex<State>
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private struct State {
        var schedule: KeySetSchedule
        /// When the next timer wakes.
        var alarm: ContinuousClock.Instant?
    }

    /// - Parameter take: Is told of keys that came, and (nil) of those that nobody wants any more.
    package init(
        _ fetcher: any KeySetFetching, timing: KeySetSchedule.Timing = .init(), logger: Logger,
        take: @escaping @Sendable (ObjectChange, ObjectReference) -> Void
    ) {
        self.fetcher = fetcher
        self.take = take
        self.logger = logger
        state = Mutex(State(schedule: KeySetSchedule(timing)))
    }

    /// Takes over what the mesh wants from now on.
    package func want(_ wanted: [KeySetSource: Duration]) {
        let (dropped, isNew) = state.withLock { state in
            let known = state.schedule.sources
            return (state.schedule.want(wanted, now: .now), !known.isSuperset(of: wanted.keys))
        }
        for source in dropped { tell(source, nil) }
        if isNew { wake.yield() }
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for await _ in wakes.cancelOnGracefulShutdown() {
                for (source, timeout) in state.withLock({ $0.schedule.takeDue(now: .now) }) {
                    group.addTask { await self.fetch(source, within: timeout) }
                }
                guard let alarm = nextAlarm() else { continue }
                group.addTask {
                    guard (try? await Task.sleep(until: alarm, clock: .continuous)) != nil else { return }
                    self.wake.yield()
                }
            }
            group.cancelAll()
        }
    }

    /// When to wake, if nobody is told to wake earlier.
    private func nextAlarm() -> ContinuousClock.Instant? {
        state.withLock { state in
            let now = ContinuousClock.now
            if let alarm = state.alarm, alarm <= now { state.alarm = nil }
            guard let due = state.schedule.nextDue, state.alarm.map({ due < $0 }) ?? true else { return nil }
            state.alarm = due
            return due
        }
    }

    private func fetch(_ source: KeySetSource, within timeout: Duration) async {
        var keys: String?
        do {
            keys = try await fetcher.keySet(from: source, within: timeout)
        } catch {
            if Task.isCancelled { return }
            logger.warning(
                "Cannot fetch the keys of tokens; those that came before stay, and without any all are refused",
                metadata: ["source": "\(source.name)", "error": "\(error)"])
        }
        let isWanted = state.withLock { $0.schedule.ended(source, hasCome: keys != nil, now: .now) }
        if isWanted, let keys { tell(source, keys) }
        wake.yield()
    }

    private func tell(_ source: KeySetSource, _ keys: String?) {
        let reference = ObjectReference(
            GroupKind(group: "", kind: "JSONWebKeySet"), ObjectKey(namespace: "", name: source.name))
        take(.keySet(source, keys), reference)
    }
}

extension KeySetSource {
    /// For people.
    fileprivate var name: String {
        switch self {
        case .address(let address): address
        case .issuer(let issuer): "issuer \(issuer)"
        }
    }
}
