/// One reading of `--log_output_level`, such as `default:info,ca:debug`.
///
/// - `default:<level>`, or a level alone, is for loggers without a level of their own.
/// - `<scope>:<level>` is for the logger labelled `<scope>` and those below it (`ca` covers `ca.signing`).
/// - `all:<level>` is for every logger and takes back what was said of scopes before.
package struct LogLevelSetting: Hashable, Sendable {
    /// The level of loggers without their own; `nil` leaves it as it is.
    package var defaultLevel: LogLevel?
    /// Levels by scope.
    package var scopes: [String: LogLevel]
    /// Whether levels of scopes set earlier are forgotten.
    package var resetsScopes: Bool

    /// A setting from its parts.
    package init(defaultLevel: LogLevel? = nil, scopes: [String: LogLevel] = [:], resetsScopes: Bool = false) {
        self.defaultLevel = defaultLevel
        self.scopes = scopes
        self.resetsScopes = resetsScopes
    }

    /// Reads the text of the flag. Later entries win over earlier ones; spaces around entries are ignored.
    ///
    /// - Throws: ``LogLevelSyntaxError`` about the first entry that cannot be read.
    package init(parsing text: String) throws(LogLevelSyntaxError) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = part.trimmed
            let words = entry.split(separator: ":", omittingEmptySubsequences: false)
            guard let last = words.last, !entry.isEmpty else {
                throw LogLevelSyntaxError(setting: text, problem: "an entry is empty")
            }
            guard words.count <= 2, words.allSatisfy({ !$0.isEmpty }) else {
                throw LogLevelSyntaxError(setting: text, problem: "\"\(entry)\" is not of the form scope:level")
            }
            guard let level = LogLevel(word: last) else {
                throw LogLevelSyntaxError(setting: text, problem: "\"\(last)\" is not a level")
            }
            switch words.count == 1 ? "default" : String(words[0]) {
            case "default": defaultLevel = level
            case "all": self = LogLevelSetting(defaultLevel: level, resetsScopes: true)
            case let scope: scopes[scope] = level
            }
        }
    }
}

/// A log level setting that cannot be read.
package struct LogLevelSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole setting as given.
    package var setting: String
    /// What is wrong with it.
    package var problem: String

    /// One line: what was tried, what stopped it, what to do.
    package var description: String {
        "cannot read log level \"\(setting)\": \(problem). "
            + "Use none, error, warn, info or debug, for all or by scope: \"info\", \"default:info,ca:debug\"."
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
