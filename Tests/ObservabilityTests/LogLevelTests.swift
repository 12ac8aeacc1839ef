import Logging
import Testing

@testable import Observability

@Suite struct LogLevelTests {
    @Test func readsTheFlag() throws {
        #expect(try LogLevelSetting(parsing: "debug") == LogLevelSetting(defaultLevel: .debug))
        #expect(
            try LogLevelSetting(parsing: "default:info, ca:debug,xds.delta:none")
                == LogLevelSetting(defaultLevel: .info, scopes: ["ca": .debug, "xds.delta": .none]))
        #expect(try LogLevelSetting(parsing: "ca:debug,ca:warn") == LogLevelSetting(scopes: ["ca": .warn]))
        #expect(
            try LogLevelSetting(parsing: "ca:debug,all:error,xds:info")
                == LogLevelSetting(defaultLevel: .error, scopes: ["xds": .info], resetsScopes: true))
    }

    @Test(arguments: [
        ("", "an entry is empty"), ("info,", "an entry is empty"), ("ca:", "\"ca:\" is not of the form scope:level"),
        (":info", "\":info\" is not of the form scope:level"),
        ("a:b:info", "\"a:b:info\" is not of the form scope:level"),
        ("default:inf", "\"inf\" is not a level"), ("default:warning", "\"warning\" is not a level"),
        ("INFO", "\"INFO\" is not a level"),
    ])
    func refusesWhatItCannotRead(_ setting: String, _ problem: String) {
        let error = #expect(throws: LogLevelSyntaxError.self) { try LogLevels.parse(setting) }
        #expect(
            error?.description == "cannot read log level \"\(setting)\": \(problem). "
                + "Use none, error, warn, info or debug, for all or by scope: \"info\", \"default:info,ca:debug\".")
    }

    @Test func findsTheNearestScope() throws {
        let levels = try LogLevels.parse("default:warn,ca:debug,ca.signing:error")
        #expect(levels.level(for: "operator") == .warn)
        #expect(levels.level(for: "ca") == .debug)
        #expect(levels.level(for: "ca.rotation.timer") == .debug)
        #expect(levels.level(for: "ca.signing") == .error)
        #expect(levels.level(for: "cafe") == .warn)
        #expect(levels.description == "default:warn,ca:debug,ca.signing:error")
    }

    /// A change reaches loggers that exist already, and only those it names.
    @Test func changesWhileRunning() throws {
        let levels = LogLevels(.info)
        let lines = Lines()
        let ca = lines.logger("ca", levels: levels)
        let xds = lines.logger("xds", levels: levels)
        ca.debug("one")
        levels.apply(try LogLevelSetting(parsing: "ca:debug"))
        ca.debug("two")
        xds.debug("three")
        levels.apply(try LogLevelSetting(parsing: "all:none"))
        ca.critical("four")
        xds.critical("five")
        levels.apply(try LogLevelSetting(parsing: "error"))
        ca.warning("six")
        xds.error("seven")
        #expect(lines.messages == ["two", "seven"])
    }

    @Test(arguments: [
        (LogLevel.none, [String]()), (.error, ["error", "critical"]), (.warn, ["warning", "error", "critical"]),
        (.info, ["info", "notice", "warning", "error", "critical"]),
        (.debug, ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
    ])
    func letsThroughWhatTheWordSays(_ level: LogLevel, _ expected: [String]) {
        let lines = Lines()
        let logger = lines.logger("x", levels: LogLevels(level))
        for level in Logger.Level.allCases { logger.log(level: level, "\(level)") }
        #expect(lines.messages == expected)
    }

    /// A level set in code on one logger is that logger's alone.
    @Test func keepsALoggersOwnLevel() throws {
        let levels = LogLevels(.none)
        let lines = Lines()
        var own = lines.logger("x", levels: levels)
        let other = lines.logger("x", levels: levels)
        own.logLevel = .debug
        own.debug("own")
        other.critical("other")
        #expect(lines.messages == ["own"])
    }
}
