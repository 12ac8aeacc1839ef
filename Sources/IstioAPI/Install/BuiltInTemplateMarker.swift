/// The text of a built-in injection template behind a comment that tells whether anyone has changed it since.
///
/// The injector makes the objects of an unchanged built-in template by a typed function; a changed text is a person's
/// own template and is run as it stands.
package func markedBuiltInTemplate(_ text: String, named name: String) -> String {
    let body = trimmedTemplate(text)
    return "\(marker(name))\(fingerprint(body))\(markerEnd)\n\(body)\n"
}

/// Whether a text is one of `markedBuiltInTemplate`, of this or another version, that nobody has changed.
package func isUnchangedBuiltInTemplate(_ text: String, named name: String) -> Bool {
    let marker = marker(name)
    guard text.hasPrefix(marker) else { return false }
    let rest = text.dropFirst(marker.count)
    guard let end = rest.firstIndex(of: "\n") else { return false }
    return rest[..<end] == fingerprint(trimmedTemplate(String(rest[rest.index(after: end)...]))) + markerEnd
}

private func marker(_ name: String) -> String { "{{- /* built in: \(name) " }

private let markerEnd = ". Change anything below and it is your own template. */ -}}"

private func trimmedTemplate(_ text: String) -> String {
    var lines = text[...]
    while let last = lines.last, last.isWhitespace { lines.removeLast() }
    return String(lines)
}

/// FNV-1a with 64 bits: it tells changes by hand, and need not withstand an attack.
private func fingerprint(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let hex = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - hex.count) + hex
}
