/// What the path of a call for injection says about the proxy: variables of its environment.
///
/// Control planes that serve several clusters tell these apart that way. `cluster/C/net/N` and `:ENV:NAME=VALUE`, any
/// number of either; a slash in a value of the first form is written `--slash--`.
package func injectionEnvironment(ofPath path: String) -> [String: String] {
    var path = decodingPercents(path)
    if path.hasSuffix("/") { path.removeLast() }
    var environment: [String: String] = [:]
    func set(_ name: some StringProtocol, _ value: String) {
        let known = ["cluster": "ISTIO_META_CLUSTER_ID", "net": "ISTIO_META_NETWORK"]
        if !name.isEmpty { environment[known[String(name)] ?? name.uppercased()] = value }
    }
    if path.hasPrefix(marker) {
        for pair in pieces(of: path) {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            set(pair[..<equals], String(pair[pair.index(after: equals)...]))
        }
        return environment
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
        set(parts[index], replacingSlashes(parts[index + 1]))
    }
    return environment
}

private let marker = ":ENV:"

/// What stands between markers.
private func pieces(of path: String) -> [Substring] {
    var pieces: [Substring] = []
    var rest = path[...]
    while let range = firstRange(of: marker, in: rest) {
        pieces.append(rest[..<range.lowerBound])
        rest = rest[range.upperBound...]
    }
    return pieces + [rest]
}

private func replacingSlashes(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let range = firstRange(of: "--slash--", in: rest) {
        result += rest[..<range.lowerBound] + "/"
        rest = rest[range.upperBound...]
    }
    return result + rest
}

private func firstRange(of word: String, in text: Substring) -> Range<Substring.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
        if text[start...].hasPrefix(word) { return start..<text.index(start, offsetBy: word.count) }
        start = text.index(after: start)
    }
    return nil
}

private func decodingPercents(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
