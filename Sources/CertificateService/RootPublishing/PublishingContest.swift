package import KubernetesModel
package import Logging
import Synchronization

/// Gives way to somebody who writes something else again and again: two that overwrite each other help nobody.
package final class PublishingContest: Sendable {
    private struct Write {
        var text: String?
        /// Of the object that was overwritten.
        var version: String
        var losses = 0
    }

    private struct State {
        var writes: [ObjectReference: Write] = [:]
        var isTold = false
    }

    /// How often something may change back.
    static let patience = 2

    private let state = Mutex(State())
    private let advice: String
    private let logger: Logger
    private let onYield: @Sendable () -> Void

    /// - Parameters:
    ///   - advice: What people can do about it.
    ///   - logger: Its metadata name the cluster.
    ///   - onYield: Called when it gives way for the first time.
    package init(advice: String, logger: Logger, onYield: @escaping @Sendable () -> Void = {}) {
        self.onYield = onYield
        self.advice = advice
        self.logger = logger
    }

    /// Whether a text is to be written over another one, as it is then taken to be.
    ///
    /// - Parameter version: Of the object that says something else; nil: there is none.
    package func mayWrite(_ text: String?, over version: String?, of object: ObjectReference) -> Bool {
        let (mayWrite, isNews) = state.withLock { state -> (Bool, Bool) in
            guard let version else { return (true, false) }
            guard var write = state.writes[object], write.text == text else {
                state.writes[object] = Write(text: text, version: version)
                return (true, false)
            }
            // Of the same version: what was written has not been seen yet.
            if write.version != version { write.losses += 1 }
            write.version = version
            state.writes[object] = write
            guard write.losses >= Self.patience else { return (true, false) }
            defer { state.isTold = true }
            return (false, !state.isTold)
        }
        if isNews {
            logger.warning(
                "Somebody else writes another root in another cluster; it is left as it is there",
                metadata: ["object": "\(object)", "instead": "\(advice)"])
            onYield()
        }
        return mayWrite
    }
}
