/// A token: whoever has its text is taken for its owner. Nothing prints it.
struct TokenText: Hashable, Sendable {
    /// Only to be sent.
    let revealed: String

    init(_ text: String) { revealed = text }

    /// Whether a text holds the token, or as much of it as would be of use to somebody.
    func isRepeated(in text: String) -> Bool {
        let (own, other) = (Array(revealed.utf8), Array(text.utf8))
        let length = min(own.count, Self.telling)
        guard length > 0, other.count >= length else { return false }
        let parts = Set((0...own.count - length).map { own[$0..<$0 + length] })
        return (0...other.count - length).contains { parts.contains(other[$0..<$0 + length]) }
    }

    /// So many characters in a row.
    private static let telling = 16
}

extension TokenText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
