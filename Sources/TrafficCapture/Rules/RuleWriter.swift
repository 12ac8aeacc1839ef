/// Collects the rules of one family in the order in which they are decided.
struct RuleWriter {
    let family: AddressFamily
    /// Whether packets that meet a rule with a name are told of.
    let traces: Bool
    private(set) var rules: [CaptureRule] = []

    init(family: AddressFamily, traces: Bool = false) {
        self.family = family
        self.traces = traces
    }

    mutating func append(
        _ table: FilterTable, _ chain: Chain, _ matches: [PacketMatch] = [], _ verdict: Verdict,
        as name: String? = nil
    ) {
        let rule = CaptureRule(
            family: family, table: table, chain: chain, position: nil, matches: matches, verdict: verdict)
        if let name, traces { rules.append(rule.trace(as: name)) }
        rules.append(rule)
    }

    /// Puts a rule before all others of the chain, also before those that are there already.
    mutating func prepend(
        _ table: FilterTable, _ chain: Chain, _ matches: [PacketMatch], _ verdict: Verdict, as name: String? = nil
    ) {
        let rule = CaptureRule(
            family: family, table: table, chain: chain, position: 1, matches: matches, verdict: verdict)
        rules.append(rule)
        // What is put there later comes first.
        if let name, traces { rules.append(rule.trace(as: name)) }
    }
}
