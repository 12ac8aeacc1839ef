/// Decides whether the work beside an agent has ended, from looks at the processes of the other containers.
struct ApplicationEnd: Hashable, Sendable {
    /// How long there may be no process of another container.
    struct Patience: Hashable, Sendable {
        /// Before the first was seen. A short one may have ended before the first look.
        var before: Duration
        /// After the last was seen.
        var after: Duration

        /// - Parameter restartPolicy: The Pod's. A container that fails comes back after up to five minutes if it is
        ///   `OnFailure`, and then needs its proxy.
        init(restartPolicy: String) {
            before = .seconds(30)
            after = restartPolicy == "OnFailure" ? .seconds(330) : .seconds(2)
        }

        init(before: Duration, after: Duration) {
            self.before = before
            self.after = after
        }
    }

    private let patience: Patience
    private var wasSeen = false
    private var quietSince: Duration?

    init(_ patience: Patience) { self.patience = patience }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - isRunning: Whether a process of another container runs.
    ///   - time: When that was, on any clock that does not go back.
    /// - Returns: Whether the work has ended.
    mutating func observe(isRunning: Bool, at time: Duration) -> Bool {
        if isRunning {
            wasSeen = true
            quietSince = nil
            return false
        }
        let start = quietSince ?? time
        quietSince = start
        return time - start >= (wasSeen ? patience.after : patience.before)
    }
}
