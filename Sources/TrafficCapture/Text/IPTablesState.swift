/// What iptables-save shows of captures, in one family.
package struct IPTablesState: Sendable, Hashable {
    /// What a capture left in one table.
    struct Residue: Sendable, Hashable {
        /// Chains of ours.
        var chains: [String] = []
        /// Lines of ours in chains that are not ours, without "-A ".
        var lines: [String] = []
    }

    private(set) var residues: [FilterTable: Residue] = [:]

    /// Reads the output of iptables-save. The mark is the one of the settings: rules that only mark are known by it.
    package init(_ saved: String, mark: UInt32) {
        var table: FilterTable?
        var lines: [FilterTable: [String]] = [:]
        for line in saved.split(separator: "\n") {
            if line.hasPrefix("*") {
                table = FilterTable(rawValue: String(line.dropFirst()))
            } else if let table, line.hasPrefix(":") {
                let name = line.dropFirst().split(separator: " ").first.map(String.init) ?? ""
                if name.hasPrefix("ISTIO_") { residues[table, default: Residue()].chains.append(name) }
            } else if let table, line.hasPrefix("-A ") {
                lines[table, default: []].append(String(line.dropFirst(3)))
            }
        }
        let marks = [mark, 1338, 1339].map { String($0, radix: 16) }
        for (table, lines) in lines {
            let chained = lines.map { $0.split(separator: " ").map(String.init) }
            let isOurs = residues[table] != nil
            for (line, words) in zip(lines, chained) where !(words.first ?? "").hasPrefix("ISTIO_") {
                if Self.leadsToUs(words)
                    || isOurs && (Self.leavesAlone(words) || Self.marks(words, marks) || Self.traces(words))
                {
                    residues[table, default: Residue()].lines.append(line)
                }
            }
        }
    }

    /// Whether nothing of a capture is there.
    package var isEmpty: Bool { residues.isEmpty }

    private static func leadsToUs(_ words: [String]) -> Bool {
        zip(words, words.dropFirst()).contains { ($0 == "-j" || $0 == "-g") && $1.hasPrefix("ISTIO_") }
    }

    /// `-i eth1 -j RETURN` in a chain of the packet filter's own: nobody else writes that beside our chains.
    private static func leavesAlone(_ words: [String]) -> Bool {
        words.count == 5 && ["PREROUTING", "OUTPUT"].contains(words[0]) && ["-i", "-o"].contains(words[1])
            && words[3] == "-j" && words[4] == "RETURN"
    }

    /// What tells of packets to the group of ours.
    private static func traces(_ words: [String]) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == "--nflog-group" && $1 == String(Verdict.logGroup) }
    }

    private static func marks(_ words: [String], _ marks: [String]) -> Bool {
        zip(words, words.dropFirst()).contains { option, value in
            ["--mark", "--set-xmark", "--set-mark"].contains(option)
                && marks.contains { value == "0x\($0)" || value == "0x\($0)/0xffffffff" }
        }
    }
}
