import Synchronization

/// The levels of all loggers of a program, changeable while it runs.
///
/// Loggers do not look levels up: each label has a ``Cell`` that is read with one atomic load per log statement and
/// rewritten when a setting is applied.
package final class LogLevels: Sendable {
    /// The level in force for one logger label.
    final class Cell: Sendable {
        private let raw: Atomic<UInt8>

        init(_ level: LogLevel) { raw = Atomic(level.rawValue) }

        var level: LogLevel { LogLevel(rawValue: raw.load(ordering: .relaxed)) ?? .info }

        fileprivate func set(_ level: LogLevel) { raw.store(level.rawValue, ordering: .relaxed) }
    }

    private struct State {
        var defaultLevel = LogLevel.info
        var scopes: [String: LogLevel] = [:]
        var cells: [String: Cell] = [:]

        func level(for label: String) -> LogLevel {
            var scope = label[...]
            while true {
                if let level = scopes[String(scope)] { return level }
                guard let dot = scope.lastIndex(of: ".") else { return defaultLevel }
                scope = scope[..<dot]
            }
        }
    }

    private let state: Mutex<State>

    /// Every logger at `level`.
    package init(_ level: LogLevel = .info) {
        var state = State()
        state.defaultLevel = level
        self.state = Mutex(state)
    }

    /// The levels a flag asks for, such as `default:info,ca:debug`.
    ///
    /// - Throws: ``LogLevelSyntaxError``.
    package static func parse(_ setting: String) throws(LogLevelSyntaxError) -> LogLevels {
        let levels = LogLevels()
        levels.apply(try LogLevelSetting(parsing: setting))
        return levels
    }

    /// Changes the levels that `setting` names, at once for every logger; the others stay.
    package func apply(_ setting: LogLevelSetting) {
        state.withLock { state in
            if setting.resetsScopes { state.scopes.removeAll() }
            if let level = setting.defaultLevel { state.defaultLevel = level }
            state.scopes.merge(setting.scopes) { _, new in new }
            for (label, cell) in state.cells { cell.set(state.level(for: label)) }
        }
    }

    /// The level in force for a logger labelled `label`: its own, that of the nearest scope above it (`a.b` for
    /// `a.b.c`), or the default.
    package func level(for label: String) -> LogLevel {
        state.withLock { $0.level(for: label) }
    }

    /// What is set, in the syntax of the flag: `default:info,ca:debug`, scopes sorted.
    package var description: String {
        state.withLock { state in
            (["default:\(state.defaultLevel.word)"]
                + state.scopes.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.word)" })
                .joined(separator: ",")
        }
    }

    /// The cell of a label, made at first asking. Labels are names in the program, so their number is bounded.
    func cell(for label: String) -> Cell {
        state.withLock { state in
            if let cell = state.cells[label] { return cell }
            let cell = Cell(state.level(for: label))
            state.cells[label] = cell
            return cell
        }
    }
}
