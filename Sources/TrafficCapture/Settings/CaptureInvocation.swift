/// What `istio-iptables` and `istio-clean-iptables` were asked for, by flags and environment.
package struct CaptureInvocation: Sendable, Hashable {
    package var options = CaptureOptions()
    package var isDualStack = false
    /// Only tell what would be done.
    package var isDryRun = false
    package var cleansOnly = false
    package var skipsRules = false
    package var validates = false
    package var usesNativeNFTables = false
    /// "nft", "legacy", the name of a program or a path; empty to find out.
    package var program = ""
    /// The path of a network namespace; empty for the own one.
    package var networkNamespace = ""
    package var probePort = "15002"
    package var probeTimeout = "5s"
    package var asksForHelp = false
    /// Replacing what is there is what always happens: these are taken and change nothing.
    package var reconciles = false
    package var forces = false
    /// Switches of modes that do not exist here.
    var ignored = false

    /// Reads flags as Istio's programs write them: `--name=value`, `--name value`, `-p value`, `-pvalue`; a flag
    /// without one is true. The environment counts where a flag is not given.
    package init(arguments: [String], environment: [String: String]) throws(CaptureOptionsError) {
        var faults: [String] = []
        for flag in CaptureFlag.all {
            for name in flag.environment {
                if let text = environment[name], !text.isEmpty { faults += flag.set(&self, text, name) }
            }
        }
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word.count > 1 else {
                faults.append("\"\(word)\" is no flag: this command takes only flags")
                continue
            }
            guard let (flag, attached) = Self.flag(of: word) else {
                if !Self.isForeign(word) {
                    faults.append("\(word): there is no such flag; --help names them")
                } else if !word.contains("="), let next = rest.first, !next.hasPrefix("-") {
                    rest.removeFirst()
                }
                continue
            }
            if let attached {
                faults += flag.set(&self, attached, "--\(flag.name)")
            } else if flag.isSwitch {
                faults += flag.set(&self, "true", "--\(flag.name)")
            } else if let value = rest.popFirst() {
                faults += flag.set(&self, value, "--\(flag.name)")
            } else {
                faults.append("\(word): a value is missing")
            }
        }
        guard faults.isEmpty else { throw CaptureOptionsError(faults: faults) }
    }

    /// The flag of a word, and the value that is written in the same word.
    private static func flag(of word: String) -> (CaptureFlag, attached: String?)? {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let value = parts.count == 2 ? parts[1] : nil
        if word.hasPrefix("--") {
            let name = String(parts[0].dropFirst(2))
            return CaptureFlag.all.first { $0.name == name }.map { ($0, value) }
        }
        let letter = parts[0].dropFirst().prefix(1)
        guard let flag = CaptureFlag.all.first(where: { $0.letter == letter && !letter.isEmpty }) else { return nil }
        let attached = parts[0].dropFirst(2)
        return (flag, value ?? (attached.isEmpty ? nil : String(attached)))
    }

    /// Flags of logging and of modes that do not exist here: the same manifests start this program and Istio's.
    private static func isForeign(_ word: String) -> Bool {
        let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
        return name.hasPrefix("log_") || ["vklog", "iptables-version"].contains(name)
    }
}
