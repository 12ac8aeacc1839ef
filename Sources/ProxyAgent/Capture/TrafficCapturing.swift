import TrafficCapture

/// Puts the rules of a capture into a network namespace, and takes them away.
struct TrafficCapturing {
    let settings: CaptureSettings
    let context: CommandContext
    /// "nft", "legacy" or the name of a program; empty to find out.
    let choice: String
    let usesNativeNFTables: Bool

    /// Puts the rules in the place of whatever captures left. Twice is the same as once.
    func apply() throws(CaptureError) {
        if usesNativeNFTables {
            try applyNFTables()
            try cleanIPTables(except: nil)
        } else {
            let variant = try IPTablesVariant.detected(choice: choice, for: settings, context)
            for family in AddressFamily.allCases {
                let rules = settings.families.contains(family) ? settings.rules(for: family) : []
                try replace(variant, family, by: rules)
            }
            try cleanIPTables(except: variant.name)
            try cleanNFTables()
        }
        for family in AddressFamily.allCases {
            let isWanted = settings.mode == .transparentProxy && settings.families.contains(family)
            try route(PolicyRouting(settings), family, isWanted)
        }
    }

    /// Takes every rule of captures away, whoever wrote it.
    func clean() throws(CaptureError) {
        try cleanIPTables(except: nil)
        try cleanNFTables()
        for family in AddressFamily.allCases { try route(PolicyRouting(settings), family, false) }
    }

    private func replace(
        _ variant: IPTablesVariant, _ family: AddressFamily, by rules: [CaptureRule]
    ) throws(CaptureError) {
        let saved: String?
        do {
            saved = try variant.saved(family)
        } catch  where rules.isEmpty {
            // A kernel without the family has no rules to take away.
            return
        }
        guard let saved else {
            if rules.isEmpty { return }
            throw CaptureError("there is no program to write rules for \(family.rawValue) beside \(variant.name)")
        }
        let state = IPTablesState(saved, mark: settings.mark)
        for (table, text) in IPTablesText.replacing(state, by: rules, family: family) {
            let outcome = try variant.restore(family, text)
            guard outcome.succeeded else {
                throw try variant.failure(of: text, outcome, table: table, family: family, rules: rules)
            }
        }
    }

    private func cleanIPTables(except used: String?) throws(CaptureError) {
        for variant in IPTablesVariant.candidates(choice: "", context) where variant.name != used {
            // "iptables" is one of the other two.
            if used != nil, variant.name == "iptables" || used == "iptables" { continue }
            for family in AddressFamily.allCases {
                guard let saved = try? variant.saved(family), !IPTablesState(saved, mark: settings.mark).isEmpty else {
                    continue
                }
                try replace(variant, family, by: [])
            }
        }
    }

    private func applyNFTables() throws(CaptureError) {
        guard let present = try tables() else {
            throw CaptureError("nft: no such program: install nftables, or leave out --native-nftables")
        }
        try nft(NFTablesText.replacing(present, by: settings.rules))
    }

    private func cleanNFTables() throws(CaptureError) {
        guard let present = try? tables() else { return }
        let script = NFTablesText.replacing(present, by: [])
        if !script.isEmpty { try nft(script) }
    }

    /// The tables of nftables: "ip nat".
    private func tables() throws(CaptureError) -> [String]? {
        let words = ["nft", "list", "tables"]
        guard let outcome = try context.run(words) else { return nil }
        guard outcome.succeeded else { throw CaptureError(context.failure(words, outcome)) }
        return outcome.output.split(separator: "\n").map { line in
            line.hasPrefix("table ") ? String(line.dropFirst(6)) : String(line)
        }
    }

    /// Runs a script: all of it, or nothing. What nft says of a fault shows the line.
    private func nft(_ script: String) throws(CaptureError) {
        guard let outcome = try context.run(["nft", "-f", "-"], input: script) else {
            throw CaptureError("nft: no such program")
        }
        guard outcome.succeeded else { throw CaptureError("nft refused the rules: \(outcome.errors)") }
    }

    private func route(_ routing: PolicyRouting, _ family: AddressFamily, _ isWanted: Bool) throws(CaptureError) {
        for command in isWanted ? routing.laying(family) : routing.removing(family) {
            let words = ["ip"] + command.arguments
            guard let outcome = try context.run(words) else {
                if !isWanted { return }
                throw CaptureError("ip: no such program: mode TPROXY needs iproute2")
            }
            guard outcome.succeeded || command.mayFail else { throw CaptureError(context.failure(words, outcome)) }
        }
    }
}
