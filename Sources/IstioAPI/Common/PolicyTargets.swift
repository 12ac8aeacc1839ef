internal import KubernetesModel

extension Schema {
    /// The fields of a policy that name its workloads: one of them at most.
    static let policyTargets: [Field] = [
        workloadsField,
        Field("targetRef", targetReference, "Like targetRefs with a single element; use targetRefs instead."),
        targetsField,
    ]

    /// `selector` of a policy.
    static let workloadsField = Field("selector", selector, policyReach)

    /// `targetRefs` of a policy.
    static let targetsField = Field(
        "targetRefs", targetReferences,
        "The Gateways, GatewayClasses, Services or ServiceEntries it is for, instead of workloads by labels.")

    /// What a selector of a policy, or none, means.
    static let policyReach =
        "The workloads it is for. None: the whole namespace; in the root namespace, the whole mesh."
}

extension SchemaRule {
    /// Workloads are named in one of three ways.
    static let oneKindOfTarget = SchemaRule(
        "(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1",
        "set at most one of selector, targetRef and targetRefs")
}
