package import TrafficCapture

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `istio-iptables` and `istio-clean-iptables`: flags and environment in, rules in the network namespace.
package struct CaptureCommand {
    private let invocation: CaptureInvocation
    private let environment: [String: String]

    /// - Throws: `CaptureOptionsError` for wrong flags.
    package init(arguments: [String], environment: [String: String], cleansOnly: Bool) throws(CaptureOptionsError) {
        var invocation = try CaptureInvocation(arguments: arguments, environment: environment)
        if cleansOnly { invocation.cleansOnly = true }
        self.invocation = invocation
        self.environment = environment
    }

    /// Does it.
    ///
    /// - Returns: What to print.
    package func run() throws -> String {
        if invocation.asksForHelp { return CaptureInvocation.help + "\n" }
        let facts = HostFacts()
        let settings = try options(facts).settings()
        let capturing = TrafficCapturing(
            settings: settings, context: CommandContext(networkNamespace: invocation.networkNamespace),
            choice: invocation.program, usesNativeNFTables: invocation.usesNativeNFTables)
        if invocation.isDryRun { return invocation.cleansOnly ? "" : plan(settings) }
        if invocation.cleansOnly {
            try capturing.clean()
            return ""
        }
        if !invocation.skipsRules { try capturing.apply() }
        if invocation.validates { try validate(settings, facts) }
        return ""
    }

    /// What a failure ends the program with: 2 for wrong flags, 126 where connections are not captured (controllers
    /// that repair Pods look for it), 1 for all else.
    package static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is CaptureOptionsError: 2
        case is CaptureValidationError: 126
        default: 1
        }
    }

    /// Tells standard error.
    package static func report(_ error: any Error) {
        let text = Array("\(error)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
    }

    private func options(_ facts: HostFacts) -> CaptureOptions {
        var options = invocation.options
        func set(_ name: String, _ path: WritableKeyPath<CaptureOptions, String>) {
            if let text = environment[name], !text.isEmpty { options[keyPath: path] = text }
        }
        set("ISTIO_OUTBOUND_OWNER_GROUPS", \.ownerGroups)
        set("ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", \.excludedOwnerGroups)
        set("ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", \.loopbackRange)
        if options.proxyUID.isEmpty, let user = facts.proxyUser { options.proxyUID = user }
        options.capturesIPv6 =
            environment["ENABLE_INBOUND_IPV6"].flatMap { Bool($0.lowercased()) }
            ?? facts.usesIPv6(isDualStack: invocation.isDualStack)
        let given = ["DNS_SERVERS_V4", "DNS_SERVERS_V6"].compactMap { environment[$0] }
        options.nameServers =
            given.isEmpty
            ? facts.nameServers : given.flatMap { $0.split(separator: ",").map(String.init) }
        return options
    }

    private func plan(_ settings: CaptureSettings) -> String {
        var lines = ""
        if invocation.usesNativeNFTables {
            lines += "# nft -f -\n" + NFTablesText.replacing([], by: settings.rules)
        } else {
            for family in settings.families {
                lines += "# \(family == .ipv4 ? "iptables" : "ip6tables")-restore --noflush\n"
                lines += IPTablesText.restoring(settings.rules, family: family)
            }
        }
        guard settings.mode == .transparentProxy else { return lines }
        for command in settings.families.flatMap(PolicyRouting(settings).laying) {
            lines += "# ip \(command.arguments.joined(separator: " "))\n"
        }
        return lines
    }

    private func validate(_ settings: CaptureSettings, _ facts: HostFacts) throws {
        guard let port = UInt16(invocation.probePort), port > 0 else {
            throw CaptureOptionsError(faults: ["--iptables-probe-port: \"\(invocation.probePort)\" is no port"])
        }
        guard let timeLimit = Duration(capture: invocation.probeTimeout) else {
            throw CaptureOptionsError(
                faults: ["--probe-timeout: \"\(invocation.probeTimeout)\" is no time: write it like 5s or 500ms"])
        }
        do {
            try CaptureProbe(settings: settings, facts: facts, port: port, timeLimit: timeLimit).run()
        } catch {
            throw CaptureValidationError(cause: error)
        }
    }
}

/// Connections are not captured.
package struct CaptureValidationError: Error, CustomStringConvertible {
    let cause: CaptureError

    package var description: String { cause.description }
}

extension Duration {
    /// Reads "5s", "500ms" or "1m".
    fileprivate init?(capture text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number < 1_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        default: return nil
        }
    }
}
