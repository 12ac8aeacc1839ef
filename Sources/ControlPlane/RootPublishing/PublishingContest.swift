import KubernetesModel
import Logging
import Synchronization

/// Gives way to somebody who publishes something else again and again: two that overwrite each other help nobody.
final class PublishingContest: Sendable {
    private struct Write {
        var text: String?
        /// Of the object that was overwritten.
        var version: String
        var losses = 0
    }

    private struct State {
        var writes: [ObjectKey: Write] = [:]
        var isTold = false
    }

    /// How often something may change back.
    static let patience = 2

    private let state = Mutex(State())
    private let advice: String
    private let logger: Logger

    /// - Parameters:
    ///   - advice: What people can do about it.
    ///   - logger: Its metadata name the cluster.
    init(advice: String, logger: Logger) {
        self.advice = advice
        self.logger = logger
    }

    /// Whether a text is to be written over another one, as it is then taken to be.
    ///
    /// - Parameter version: Of the object that says something else; nil: there is none.
    func mayWrite(_ text: String?, over version: String?, of key: ObjectKey) -> Bool {
        let (mayWrite, isNews) = state.withLock { state -> (Bool, Bool) in
            guard let version else { return (true, false) }
            guard var write = state.writes[key], write.text == text else {
                state.writes[key] = Write(text: text, version: version)
                return (true, false)
            }
            // Of the same version: what was written has not been seen yet.
            if write.version != version { write.losses += 1 }
            write.version = version
            state.writes[key] = write
            guard write.losses >= Self.patience else { return (true, false) }
            defer { state.isTold = true }
            return (false, !state.isTold)
        }
        if isNews {
            logger.warning(
                "Somebody else publishes another root in another cluster; it is left as it is there",
                metadata: ["configMap": "\(key)", "instead": "\(advice)"])
        }
        return mayWrite
    }
}
