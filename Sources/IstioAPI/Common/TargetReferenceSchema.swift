internal import KubernetesModel

extension Schema {
    /// `targetRef`: one object that a policy applies to.
    static let targetReference = object(
        [
            Field("group", text(.targetGroup), "API group of the target; empty for core kinds such as Service."),
            Field("kind", text(.targetKind).length(1...63), "Kind of the target, such as Gateway.", required: true),
            Field("name", string.length(1...253), "Name of the target.", required: true),
            Field(
                "namespace",
                text(.nothing).rules(
                    SchemaRule("self.size() == 0", "must be empty: only targets of the same namespace can be named")),
                "Always that of this object: leave it out."),
        ], unknown: .dropped)

    /// `targetRefs`: the objects that a policy applies to.
    static let targetReferences = list(targetReference).items(0...16)
}

extension TextRule {
    /// A DNS subdomain, or nothing.
    static let targetGroup = TextRule(
        "an API group such as gateway.networking.k8s.io, or empty",
        pattern: "^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", maximumLength: 253
    ) { $0.isEmpty || TextRule.dnsSubdomain.isObeyed($0) }

    /// Letters, digits and `-`, beginning with a letter and not ending with `-`.
    static let targetKind = TextRule(
        "a kind such as Gateway", pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", maximumLength: 63
    ) { text in
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isLetter(first) && (isLetter(last) || isDigit(last))
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    static let nothing = TextRule("empty: an object of another namespace cannot be named") { $0.isEmpty }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
