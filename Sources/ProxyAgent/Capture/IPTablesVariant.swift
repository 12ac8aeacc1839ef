import TrafficCapture

/// One of the families of iptables programs of a machine: both may be installed, and rules written by one are not
/// seen by the other.
struct IPTablesVariant {
    /// "iptables-nft", "iptables-legacy" or "iptables".
    let name: String
    let context: CommandContext

    private static let known = ["iptables-nft", "iptables-legacy", "iptables"]

    /// The variants that a choice allows, those of the machine if there is none.
    static func candidates(choice: String, _ context: CommandContext) -> [IPTablesVariant] {
        let names =
            switch choice {
            case "": known
            case "nft": ["iptables-nft"]
            case "legacy": ["iptables-legacy"]
            default: [choice]
            }
        return names.map { IPTablesVariant(name: $0, context: context) }
    }

    /// The variant to write rules with: the one that has rules already, else the first one that the kernel supports.
    static func detected(choice: String, for settings: CaptureSettings, _ context: CommandContext) throws(CaptureError)
        -> IPTablesVariant
    {
        var problems: [String] = []
        var present: [IPTablesVariant] = []
        for variant in candidates(choice: choice, context) {
            do {
                guard let saved = try variant.saved(.ipv4) else {
                    problems.append("\(variant.name): no such program")
                    continue
                }
                if saved.split(separator: "\n").contains(where: { $0.hasPrefix("-A ") }) { return variant }
                present.append(variant)
            } catch {
                problems.append(error.description)
            }
        }
        for variant in present {
            guard let problem = try variant.problem(with: settings) else { return variant }
            problems.append(problem)
        }
        throw CaptureError(
            "no iptables can write the rules of the capture:\n  " + problems.joined(separator: "\n  ")
                + "\nrun as root with the capabilities NET_ADMIN and NET_RAW, with iptables installed and its kernel "
                + "modules loaded, or use --native-nftables")
    }

    /// What iptables-save shows; `nil` if there is no such program.
    func saved(_ family: AddressFamily) throws(CaptureError) -> String? {
        let words = [program(family, "-save")]
        guard let outcome = try context.run(words) else { return nil }
        guard outcome.succeeded else { throw CaptureError(context.failure(words, outcome)) }
        return outcome.output
    }

    /// Commits a text. Legacy waits for the lock that another writer holds.
    func restore(_ family: AddressFamily, _ text: String) throws(CaptureError) -> CommandRun.Outcome {
        let words = [program(family, "-restore"), "--noflush", "-w", "30"]
        guard let outcome = try context.run(words, input: text) else {
            throw CaptureError("\(words[0]): no such program")
        }
        return outcome
    }

    /// Why the rules of a table fail: the first one that fails alone, too.
    func failure(
        of text: String, _ outcome: CommandRun.Outcome, table: FilterTable, family: AddressFamily,
        rules: [CaptureRule]
    ) throws(CaptureError) -> CaptureError {
        let program = program(family, "-restore")
        for rule in rules where rule.family == family && rule.table == table {
            if let problem = try trial(rule) {
                return CaptureError("\(program): table \(table.rawValue): rule \"\(rule.line)\" failed: \(problem)")
            }
        }
        return CaptureError("\(program): table \(table.rawValue) was refused: \(outcome.said)\n\(text)")
    }

    /// What stops one rule, placed in a chain that nothing leads to.
    private func trial(_ rule: CaptureRule) throws(CaptureError) -> String? {
        let trial = IPTablesText.trial(of: rule)
        let outcome = try restore(rule.family, trial.place)
        _ = try restore(rule.family, trial.remove)
        return outcome.succeeded ? nil : outcome.said
    }

    /// Whether the kernel knows what the capture cannot do without: owners of packets, and redirects.
    private func problem(with settings: CaptureSettings) throws(CaptureError) -> String? {
        for rule in settings.rules(for: .ipv4) {
            let isTelling =
                switch rule.verdict {
                case .redirect, .transparentProxy: true
                default: rule.matches.contains { if case .user = $0 { true } else { false } }
                }
            if isTelling, let problem = try trial(rule) {
                return "\(name): rule \"\(rule.line)\" failed: \(problem)"
            }
        }
        return nil
    }

    private func program(_ family: AddressFamily, _ action: String) -> String {
        guard family == .ipv6 else { return name + action }
        let folder = name.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { $0 + "/" }.joined()
        let file = name.dropFirst(folder.count)
        guard file.hasPrefix("iptables") else { return name + action }
        return folder + "ip6tables" + file.dropFirst("iptables".count) + action
    }
}

extension CommandRun.Outcome {
    /// What the program said, in one line.
    var said: String {
        let text = errors.split(whereSeparator: \.isNewline).prefix(3).joined(separator: "; ")
        return text.isEmpty ? "exit code \(status)" : text
    }
}
