/// Decides whether the work beside an agent has ended, from looks at the processes of the other containers.
struct ApplicationEnd: Hashable, Sendable {
    /// How long there may be no process of another container.
    struct Patience: Hashable, Sendable {
        /// Before the first was seen. A short one may have ended before the first look.
        var before: Duration
        /// After the last was seen.
        var after: Duration
        /// Whether a container that fails comes back, and then needs its proxy.
        var isRestarting: Bool

        /// - Parameter restartPolicy: The Pod's.
        init(restartPolicy: String) {
            isRestarting = restartPolicy == "OnFailure"
            before = .seconds(30)
            after = isRestarting ? .seconds(30) : .seconds(2)
        }

        init(before: Duration, after: Duration, isRestarting: Bool = false) {
            self.before = before
            self.after = after
            self.isRestarting = isRestarting
        }

        /// How long to wait for a container that may come back, after so many have ended in this Pod.
        ///
        /// The kubelet starts a container again at once after its first end, and then after a pause of 10 s that
        /// doubles with every end, up to five minutes. Nobody has waited longer than the one that has ended most often.
        func pause(afterEnds ends: Int) -> Duration {
            guard isRestarting, ends > 1 else { return after }
            return after + .seconds(min(300, 10 << min(ends - 2, 5)))
        }
    }

    private let patience: Patience
    /// Every container that was seen, and was started again under another name.
    private var seen: Set<OtherProcesses.Group> = []
    private var quietSince: Duration?

    init(_ patience: Patience) { self.patience = patience }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - running: Control groups of other containers with processes; nil: nobody can tell, and the work goes on.
    ///   - time: When that was, on any clock that does not go back.
    /// - Returns: Whether the work has ended.
    mutating func observe(_ running: Set<OtherProcesses.Group>?, at time: Duration) -> Bool {
        guard let running, running.isEmpty else {
            seen.formUnion(running ?? [])
            quietSince = nil
            return false
        }
        let start = quietSince ?? time
        quietSince = start
        return time - start >= (seen.isEmpty ? patience.before : patience.pause(afterEnds: seen.count))
    }
}
