import KubernetesModel

extension FieldRule {
    static let serviceEntry: [FieldRule] = [
        text("hosts[]", NameRules.hostFault),
        text("ports[].name", NameRules.labelFault),
        text("ports[].protocol", NameRules.protocolFault),
        FieldRule("endpoints[].labels", NameRules.labelFaults),
        exportTo(allowsNobody: true),
    ]

    static let workloadEntry: [FieldRule] = [FieldRule("labels", NameRules.labelFaults)]

    static let workloadGroup: [FieldRule] = [FieldRule("metadata.labels", NameRules.labelFaults)]
}
