/// Rules as a script for `nft -f`: a table for each family and table, all of them replaced at once.
package enum NFTablesText {
    /// The names of our tables.
    package static func tableName(_ table: FilterTable) -> String { "istio-proxy-\(table.rawValue)" }

    /// A script that puts the rules in the place of our tables that are there, named as `nft list tables` does:
    /// "ip istio-proxy-nat".
    package static func replacing(_ present: [String], by rules: [CaptureRule]) -> String {
        let ours = Set(
            ["ip", "ip6", "inet"].flatMap { family in
                FilterTable.allCases.map { "\(family) \(tableName($0))" }
            })
        let removal = present.filter(ours.contains).map { "delete table \($0)\n" }.joined()
        let tables = AddressFamily.allCases.flatMap { family in
            FilterTable.allCases.compactMap { table -> String? in
                let rules = rules.filter { $0.family == family && $0.table == table }
                return rules.isEmpty ? nil : text(family, table, rules)
            }
        }
        return removal + tables.joined()
    }

    private static func text(_ family: AddressFamily, _ table: FilterTable, _ rules: [CaptureRule]) -> String {
        var bodies: [Chain: [String]] = [:]
        var order: [Chain] = []
        for chain in IPTablesText.chains(of: rules) + [.prerouting, .output] {
            bodies[chain] = []
            order.append(chain)
        }
        for rule in rules {
            let line = rule.statement
            if let position = rule.position {
                bodies[rule.chain, default: []].insert(line, at: position - 1)
            } else {
                bodies[rule.chain, default: []].append(line)
            }
        }
        let chains = order.map { chain in
            let hook = hook(table, chain).map { ["type \($0); policy accept;"] } ?? []
            let lines = (hook + (bodies[chain] ?? [])).map { "        \($0)\n" }.joined()
            return "    chain \(chain.nftablesName) {\n\(lines)    }\n"
        }
        return "table \(family == .ipv4 ? "ip" : "ip6") \(tableName(table)) {\n\(chains.joined())}\n"
    }

    /// Where a chain of the packet filter's own is hung in, with iptables' priorities.
    private static func hook(_ table: FilterTable, _ chain: Chain) -> String? {
        let isOutput = chain == .output
        guard chain.isBuiltIn else { return nil }
        let hook = isOutput ? "output" : "prerouting"
        return switch table {
        case .raw: "filter hook \(hook) priority -300"
        case .mangle: "\(isOutput ? "route" : "filter") hook \(hook) priority -150"
        case .nat: "nat hook \(hook) priority -100"
        }
    }
}

extension Chain {
    var nftablesName: String {
        String(name.map { $0 == "_" ? "-" : Character($0.lowercased()) })
    }
}
