/// Collects the rules of one family in the order in which they are decided.
struct RuleWriter {
    let family: AddressFamily
    private(set) var rules: [CaptureRule] = []

    init(family: AddressFamily) {
        self.family = family
    }

    mutating func append(_ table: FilterTable, _ chain: Chain, _ matches: [PacketMatch] = [], _ verdict: Verdict) {
        rules.append(
            CaptureRule(
                family: family, table: table, chain: chain, position: nil, matches: matches, verdict: verdict))
    }

    /// Puts a rule before all others of the chain, also before those that are there already.
    mutating func prepend(_ table: FilterTable, _ chain: Chain, _ matches: [PacketMatch], _ verdict: Verdict) {
        rules.append(
            CaptureRule(family: family, table: table, chain: chain, position: 1, matches: matches, verdict: verdict))
    }
}
