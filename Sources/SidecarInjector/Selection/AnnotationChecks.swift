import KubernetesModel

/// What is wrong with the annotations that an injection reads.
func annotationFaults(_ annotations: [String: String]) -> [Diagnostic] {
    checks.compactMap { name, check in
        guard let value = annotations[name], let problem = check(value) else { return nil }
        return Diagnostic(path: "metadata.annotations[\"\(name)\"]", message: "\"\(value)\" \(problem)")
    }
}

private typealias Check = @Sendable (String) -> String?

private let checks: [(String, Check)] = [
    ("prometheus.istio.io/merge-metrics", { truth($0) }),
    ("readiness.status.sidecar.istio.io/applicationPorts", { $0 == "*" ? nil : ports($0) }),
    ("readiness.status.sidecar.istio.io/failureThreshold", { wholeNumber($0) }),
    ("readiness.status.sidecar.istio.io/initialDelaySeconds", { wholeNumber($0) }),
    ("readiness.status.sidecar.istio.io/periodSeconds", { wholeNumber($0) }),
    ("sidecar.istio.io/enableCoreDump", { truth($0) }),
    ("sidecar.istio.io/interceptionMode", { mode($0) }),
    ("sidecar.istio.io/proxyCPU", { amount($0) }),
    ("sidecar.istio.io/proxyCPULimit", { amount($0) }),
    ("sidecar.istio.io/proxyMemory", { amount($0) }),
    ("sidecar.istio.io/proxyMemoryLimit", { amount($0) }),
    ("sidecar.istio.io/userVolume", { namedElements($0) }),
    ("sidecar.istio.io/userVolumeMount", { namedElements($0) }),
    ("status.sidecar.istio.io/port", { port($0) }),
    ("traffic.sidecar.istio.io/excludeInboundPorts", { ports($0) }),
    ("traffic.sidecar.istio.io/excludeOutboundIPRanges", { ranges($0) }),
    ("traffic.sidecar.istio.io/excludeOutboundPorts", { ports($0) }),
    ("traffic.sidecar.istio.io/includeInboundPorts", { $0 == "*" ? nil : ports($0) }),
    ("traffic.sidecar.istio.io/includeOutboundIPRanges", { $0 == "*" ? nil : ranges($0) }),
    ("traffic.sidecar.istio.io/includeOutboundPorts", { $0 == "*" ? nil : ports($0) }),
]

private func wholeNumber(_ text: String) -> String? {
    number(text, UInt32.self) == nil ? "is no whole number from 0" : nil
}

private func port(_ text: String) -> String? {
    number(text, UInt16.self) == nil ? "is no port; give a number from 0 to 65535" : nil
}

/// Digits alone: a sign would be taken here, and by none of those who read the annotation later.
private func number<Number: FixedWidthInteger>(_ text: String, _ type: Number.Type) -> Number? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Number(text) : nil
}

private func truth(_ text: String) -> String? {
    boolean(text) == nil ? "is neither true nor false" : nil
}

private func amount(_ text: String) -> String? {
    text.isEmpty || Quantity(text) != nil ? nil : "is no amount, such as 100m or 128Mi"
}

private func mode(_ text: String) -> String? {
    ["REDIRECT", "TPROXY", "NONE"].contains(text) ? nil : "is no interception mode; give REDIRECT, TPROXY or NONE"
}

private func ports(_ text: String) -> String? {
    guard let bad = elements(text).first(where: { number($0, UInt16.self) == nil }) else { return nil }
    return "is no list of ports: \"\(bad)\" is no number from 0 to 65535"
}

private func ranges(_ text: String) -> String? {
    guard let bad = elements(text).first(where: { !isAddressRange($0) }) else { return nil }
    return "is no list of address ranges: \"\(bad)\" is not like 10.0.0.0/8 or fd00::/8"
}

private func namedElements(_ text: String) -> String? {
    guard !text.isEmpty else { return nil }
    do throws(JSONSyntaxError) {
        guard NamedElements(try JSONValue(parsing: text)) != nil else {
            return "is no map of names to maps, such as {\"name\":{\"emptyDir\":{}}}, and no list of maps with names"
        }
        return nil
    } catch {
        return "is no JSON: \(error)"
    }
}

private func elements(_ text: String) -> [String] {
    text.isEmpty
        ? []
        : text.split(separator: ",", omittingEmptySubsequences: false).map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
}

private func isAddressRange(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Int(parts[1]), parts[1].allSatisfy(\.isNumber) else { return false }
    if parts[0].contains(":") { return isIPv6(parts[0]) && length <= 128 }
    let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    return bytes.count == 4 && length <= 32 && bytes.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
}

private func isIPv6(_ text: Substring) -> Bool {
    let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    func groups(_ half: Substring) -> Int? {
        guard !half.isEmpty else { return 0 }
        let groups = half.split(separator: ":", omittingEmptySubsequences: false)
        let isHex = groups.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy(\.isHexDigit) }
        return isHex ? groups.count : nil
    }
    switch halves.count {
    case 1: return groups(halves[0]) == 8
    case 2:
        guard let first = groups(halves[0]), let second = groups(halves[1]) else { return false }
        return first + second < 8
    default: return false
    }
}
