import IstioAPI
import KubernetesModel
import MeshModel

/// How things are called: hosts, ports, subsets, labels.
enum NameRules {
    /// Letters of either case, digits and `-` between them.
    static func isLabel(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isPlain(first) && isPlain(last) && bytes.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }

    /// Why a text is no name of a port or a subset.
    static func labelFault(_ text: String) -> String? {
        isLabel(text)
            ? nil : "and must be at most 63 letters, digits and \"-\", beginning and ending with a letter or digit"
    }

    /// Why a text is neither the name of a host nor a pattern of them, with `*` in place of the first label or of its
    /// beginning.
    static func hostFault(_ text: String) -> String? {
        if text.isEmpty { return "and must be a host" }
        if text.utf8.count > 255 { return "which is longer than the 255 characters of a host" }
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let hasFinalDot = labels.count > 1 && labels.last == ""
        if hasFinalDot { labels.removeLast() }
        let first = labels.removeFirst()
        guard first == "*" || isLabel(withoutStar(first)), labels.allSatisfy(isLabel) else {
            return "and must be a host such as a.example.com or *.example.com, of letters, digits and \"-\""
        }
        if !hasFinalDot, let last = labels.last,
            last.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        {
            return "which is no host: a name does not end with a number"
        }
        return nil
    }

    /// The same of what may be an address.
    static func hostOrAddressFault(_ text: String) -> String? { IPAddress(text) == nil ? hostFault(text) : nil }

    /// Labels that no object of Kubernetes can have.
    static func labelFaults(_ site: FieldRule.Site) -> [Diagnostic] {
        (site.value.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            if !TextRule.labelKey.accepts(name) {
                return site.fault(at: name, "has the name \"\(name)\", and must be \(TextRule.labelKey.words)")
            }
            guard let text = value.string, !TextRule.labelValue.accepts(text) else { return nil }
            return site.fault(at: name, "is \"\(text)\", and must be \(TextRule.labelValue.words)")
        }
    }

    /// Why a text is no protocol of a port; empty is to be found out.
    static func protocolFault(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        if let known = MeshProtocol(rawValue: text.lowercased()), known != .auto, known != .unsupported { return nil }
        return "and must be HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, MYSQL, REDIS or UDP"
    }

    private static func withoutStar(_ label: Substring) -> Substring {
        guard label.hasPrefix("*") else { return label }
        return label.dropFirst(label.hasPrefix("*-") ? 2 : 1)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
