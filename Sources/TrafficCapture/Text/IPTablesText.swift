/// Rules as text for iptables-restore, and as single commands.
package enum IPTablesText {
    /// The rules of a family in an empty network namespace.
    package static func restoring(_ rules: [CaptureRule], family: AddressFamily) -> String {
        FilterTable.allCases.map { table in
            let rules = rules.filter { $0.family == family && $0.table == table }
            guard !rules.isEmpty else { return "" }
            let lines = chains(of: rules).map { "-N \($0)" } + rules.map(\.line)
            return "* \(table.rawValue)\n" + lines.map { $0 + "\n" }.joined() + "COMMIT\n"
        }.joined()
    }

    /// The rules as commands, one each, chains first.
    package static func commands(_ rules: [CaptureRule]) -> [[String]] {
        AddressFamily.allCases.flatMap { family in
            FilterTable.allCases.flatMap { table -> [[String]] in
                let rules = rules.filter { $0.family == family && $0.table == table }
                let program = family == .ipv4 ? "iptables" : "ip6tables"
                return chains(of: rules).map { [program, "-t", table.rawValue, "-N", $0.name] } + rules.map(\.command)
            }
        }
    }

    /// What tries one rule in a chain that nothing leads to: it tells whether the kernel knows all it asks for.
    package static func trial(of rule: CaptureRule) -> (place: String, remove: String) {
        let chain = "ISTIO_TRIAL"
        var verdict = rule.verdict
        if case .jump = verdict { verdict = .return }
        let specification = (rule.matches.flatMap(\.arguments) + verdict.arguments).joined(separator: " ")
        let table = rule.table.rawValue
        return (
            "*\(table)\n:\(chain) - [0:0]\n-A \(chain) \(specification)\nCOMMIT\n",
            "*\(table)\n:\(chain) - [0:0]\n-X \(chain)\nCOMMIT\n"
        )
    }

    /// The chains of ours that rules stand in or lead to, in the order in which they are named.
    static func chains(of rules: [CaptureRule]) -> [Chain] {
        var seen: Set<Chain> = []
        var chains: [Chain] = []
        func add(_ chain: Chain) {
            if !chain.isBuiltIn, seen.insert(chain).inserted { chains.append(chain) }
        }
        for rule in rules { add(rule.chain) }
        for rule in rules {
            if case .jump(let chain) = rule.verdict { add(chain) }
        }
        return chains
    }
}
