extension IPTablesText {
    /// What replaces all that is left of captures by the rules, table by table, for `iptables-restore --noflush`.
    ///
    /// A table is committed at once: there is no moment without rules. Chains of others are not touched.
    package static func replacing(
        _ state: IPTablesState, by rules: [CaptureRule], family: AddressFamily
    ) -> [(table: FilterTable, text: String)] {
        FilterTable.allCases.compactMap { table in
            let rules = rules.filter { $0.family == family && $0.table == table }
            let residue = state.residues[table]
            guard !rules.isEmpty || residue != nil else { return nil }
            let wanted = chains(of: rules).map(\.name)
            let stale = (residue?.chains ?? []).filter { !wanted.contains($0) }
            // Naming a chain empties it, or makes it.
            let lines =
                ["*\(table.rawValue)"]
                + (wanted + stale).map { ":\($0) - [0:0]" }
                + (residue?.lines ?? []).map { "-D \($0)" }
                + stale.map { "-X \($0)" }
                + rules.map(\.line)
                + ["COMMIT"]
            return (table, lines.map { $0 + "\n" }.joined())
        }
    }
}
