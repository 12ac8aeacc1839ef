internal import KubernetesModel

/// What the types of single fields cannot say: the grammar of names and images.
extension IstioOperatorSpec {
    /// Names, images and versions that are not spelled as they must be, in the order of the fields.
    func faults(writtenAs json: JSONValue) -> [Diagnostic] {
        var check = TextCheck()
        check.text(profile, at: "spec.profile", obeys: .notBlank)
        check.text(compatibilityVersion, at: "spec.compatibilityVersion", obeys: .minorVersion)
        check.text(namespace, at: "spec.namespace", obeys: .dnsLabel)
        check.text(revision, at: "spec.revision", obeys: .revisionName)
        check.image(hub: hub, tag: json["tag"], at: "spec")
        for part in components.all {
            check.text(part.component.namespace, at: "\(part.path).namespace", obeys: .dnsLabel)
            check.image(hub: part.component.hub, tag: part.json(in: json)?["tag"], at: part.path)
            if part.isGateway { check.text(part.name, at: "\(part.path).name", obeys: .serviceName) }
            check.labels(part.json(in: json)?["label"], at: "\(part.path).label")
            check.labels(part.component.k8s?["nodeSelector"], at: "\(part.path).k8s.nodeSelector")
            check.variables(part.component.k8s?["env"], at: "\(part.path).k8s.env")
            check.shares(part.component.k8s, at: "\(part.path).k8s")
        }
        check.values(values)
        return check.found
    }
}

/// Collects texts that break their rules.
private struct TextCheck {
    var found: [Diagnostic] = []

    mutating func text(_ text: String?, at path: String, obeys rule: TextRule) {
        guard let text, !rule.accepts(text) else { return }
        found.append(
            Diagnostic(path: path, message: "must be \(rule.words), but is \(JSONValue.string(text).shortRendering)"))
    }

    /// Hub and tag of a component, or of everything. An empty tag counts as none.
    mutating func image(hub: String?, tag: JSONValue?, at path: String) {
        text(hub, at: "\(path).hub", obeys: .imageHub)
        guard let tag, let tagText = tag.scalarText, tag != "" else { return }
        text(tagText, at: "\(path).tag", obeys: .imageTag)
        if case .double = tag {
            let message =
                "was written without quotes and so is the number \(tagText); write it in quotes, for a number loses "
                + "zeros at its end (1.10 is 1.1)"
            found.append(Diagnostic(.warning, path: "\(path).tag", message: message))
        }
    }

    mutating func labels(_ labels: JSONValue?, at path: String) {
        for (key, value) in (labels?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = FieldPath.field(key, of: path)
            text(key, at: path, obeys: .labelKey)
            text(value.string, at: path, obeys: .labelValue)
        }
    }

    mutating func variables(_ variables: JSONValue?, at path: String) {
        for (index, variable) in (variables?.array ?? []).enumerated() {
            let path = FieldPath.element(index, of: path)
            text(variable["name"]?.string, at: "\(path).name", obeys: .variableName)
            guard let value = variable["value"]?.string, !value.isEmpty, variable["valueFrom"]?.object != nil else {
                continue
            }
            found.append(Diagnostic(path: "\(path).valueFrom", message: "stands beside value; remove one of them"))
        }
    }

    /// Numbers of Pods, which are text only as a share of all.
    mutating func shares(_ overrides: JSONValue?, at path: String) {
        for group in [["podDisruptionBudget"], ["strategy", "rollingUpdate"]] {
            for field in ["maxSurge", "maxUnavailable", "minAvailable"] {
                let said = overrides?.value(at: group + [field])?.string
                text(said, at: "\(path).\(group.joined(separator: ".")).\(field)", obeys: .share)
            }
        }
    }

    /// Which traffic is captured, as iptables takes it.
    private static let captured: [(String, TextRule)] = [
        ("includeIPRanges", .ipRanges), ("excludeIPRanges", .ipRanges), ("includeInboundPorts", .portNumbers),
        ("excludeInboundPorts", .portNumbers), ("includeOutboundPorts", .portNumbers),
        ("excludeOutboundPorts", .portNumbers),
    ]

    /// The values that end up in names, images and capture rules.
    mutating func values(_ values: JSONValue?) {
        guard let values else { return }
        let global = values["global"] ?? .null
        if let hub = global["hub"]?.string, !hub.isEmpty { text(hub, at: "spec.values.global.hub", obeys: .imageHub) }
        image(hub: nil, tag: global["tag"], at: "spec.values.global")
        if let namespace = global["istioNamespace"]?.string {
            text(namespace, at: "spec.values.global.istioNamespace", obeys: .dnsLabel)
        }
        text(global["network"]?.string, at: "spec.values.global.network", obeys: .labelValue)
        for (field, rule) in TextCheck.captured {
            text(global["proxy", field]?.string, at: "spec.values.global.proxy.\(field)", obeys: rule)
        }
        if let revision = values["revision"]?.string, !revision.isEmpty {
            text(revision, at: "spec.values.revision", obeys: .revisionName)
        }
        for (index, tag) in (values["revisionTags"]?.array ?? []).enumerated() {
            text(tag.string, at: "spec.values.revisionTags[\(index)]", obeys: .revisionName)
        }
    }
}

extension TextRule {
    /// The longest name that a revision is the suffix of is a Service's, and Services have 63 characters.
    static let revisionName = TextRule(
        "a DNS label of at most \(63 - "istiod-".count) characters (lower-case letters, digits and \"-\", beginning "
            + "and ending with a letter or digit), since it is the suffix of Services",
        maximumLength: 63 - "istiod-".count, isObeyed: dnsLabel.accepts)

    static let share = TextRule("a number, or a share such as \"25%\"") { text in
        let digits = text.utf8.dropLast()
        return text.utf8.last == UInt8(ascii: "%") && !digits.isEmpty
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    static let notBlank = TextRule("the name of a profile, or be left out") { text in
        !text.allSatisfy(\.isWhitespace)
    }

    /// Such as `1.29`.
    static let minorVersion = TextRule("a minor version such as \"1.29\"") { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].elementsEqual("1".utf8) && (1...3).contains(parts[1].count)
            && parts[1].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
