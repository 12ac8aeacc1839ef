internal import KubernetesModel

extension Schema {
    /// Workloads by `labels`: the selector of networking kinds.
    static let workloadSelector = object(
        [
            Field(
                "labels", map(networkingLabel).properties(0...256),
                "Labels that a workload must have, all of them. Default: every workload.")
        ], unknown: .dropped)

    private static let networkingLabel = text(.exactLabel).length(0...63)
        .rules(SchemaRule("!self.contains(\"*\")", "must be a plain label value, without *"))

    /// Workloads by `matchLabels`: the selector of security, telemetry and extension kinds.
    static let selector = object(
        [
            Field(
                "matchLabels",
                map(matchedLabel).properties(0...4096).rules(
                    SchemaRule("self.all(key, !key.contains(\"*\"))", "label names must be plain, without *"),
                    SchemaRule("self.all(key, key.size() != 0)", "label names must not be empty")),
                "Labels that a workload must have, all of them. Default: every workload.")
        ], unknown: .dropped)

    private static let matchedLabel = text(.exactLabel).length(0...63)
        .rules(SchemaRule("!self.contains(\"*\")", "label values must be plain, without *"))
}

extension TextRule {
    /// The value of a label that is compared as it stands.
    static let exactLabel = TextRule("a label value without \"*\"") { !$0.utf8.contains(UInt8(ascii: "*")) }
}
