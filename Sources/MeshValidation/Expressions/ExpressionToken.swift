/// A piece of an expression in the Common Expression Language.
enum ExpressionToken: Hashable {
    case name(String)
    case string(String)
    case integer(Int64)
    /// `(`, `&&`, `<=` and the like.
    case symbol(String)

    /// The tokens of a text; nil if there is a character without meaning.
    static func tokens(of text: String) -> [ExpressionToken]? {
        var tokens: [ExpressionToken] = []
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" || first == "'" {
                guard let (string, after) = quoted(rest) else { return nil }
                tokens.append(.string(string))
                rest = after
            } else if first.isASCII, first.isNumber {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard let value = Int64(digits) else { return nil }
                tokens.append(.integer(value))
                rest = rest.dropFirst(digits.count)
            } else if first.isLetter || first == "_" {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.name(String(name)))
                rest = rest.dropFirst(name.count)
            } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
                tokens.append(.symbol(symbol))
                rest = rest.dropFirst(symbol.count)
            } else {
                return nil
            }
        }
        return tokens
    }

    /// Longer ones first.
    private static let symbols = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "+", "-",
    ]

    private static func quoted(_ text: Substring) -> (String, Substring)? {
        guard let quote = text.first else { return nil }
        var result = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote { return (result, rest) }
            if character == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                result.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
            } else {
                result.append(character)
            }
        }
        return nil
    }
}
