/// A word, literal or symbol of an expression.
enum ExpressionToken: Equatable {
    case word(String)
    case number(String)
    /// As it is written, and what it says.
    case string(String, value: String)
    case symbol(String)

    var text: String {
        switch self {
        case .word(let text), .number(let text), .string(let text, _), .symbol(let text): text
        }
    }

    private static let symbols = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "(", ")", "[", "]", ".", ",", "+", "-", "*", "/",
        "%",
    ]

    static func tokens(of source: String) throws(ExpressionFault) -> [ExpressionToken] {
        guard source.count <= 1024 else { throw .init("has more than 1024 characters", isOfProxies: true) }
        var rest = Substring(source)
        var tokens: [ExpressionToken] = []
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard let first = rest.first else { return tokens }
            guard first.isASCII else { throw .init("has \(first) outside of quotation marks") }
            if first == "\"" || first == "'" {
                tokens.append(try string(&rest))
            } else if first.isNumber {
                let text = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
                guard text.last != ".", text.filter({ $0 == "." }).count <= 1 else {
                    throw .init("has the number \(text)", isOfProxies: true)
                }
                rest = rest.dropFirst(text.count)
                if let letter = rest.first, letter.isLetter || letter == "_" {
                    throw .init("has \(text)\(letter)", isOfProxies: true)
                }
                tokens.append(.number(String(text)))
            } else if first.isLetter || first == "_" {
                let text = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest = rest.dropFirst(text.count)
                if rest.first == "\"" || rest.first == "'" {
                    throw .init("has a string of kind \(text)", isOfProxies: true)
                }
                tokens.append(.word(String(text)))
            } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
                rest = rest.dropFirst(symbol.count)
                tokens.append(.symbol(symbol))
            } else {
                throw .init("has \(first), which means nothing")
            }
        }
    }

    private static func string(_ rest: inout Substring) throws(ExpressionFault) -> ExpressionToken {
        let mark = rest.removeFirst()
        var value = ""
        var text = String(mark)
        while let character = rest.popFirst() {
            text.append(character)
            if character == mark { return .string(text, value: value) }
            guard !character.isNewline else { break }
            if character == "\\" {
                guard let escaped = rest.popFirst(), "\\\"'".contains(escaped) else {
                    throw .init(#"has an escape other than \\, \" and \'"#, isOfProxies: true)
                }
                text.append(escaped)
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        throw .init("has a string without an end")
    }
}
