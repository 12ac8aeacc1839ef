/// An expression (CEL) over attributes of a request or connection, as proxies take it: one that they cannot read would
/// cost them all that comes with it.
///
/// What is understood is what their evaluator has: member access, `in`, comparison, arithmetic, logic, `? :`, and a
/// handful of functions.
struct AttributeExpression {
    /// The expression, with names as proxies have them.
    private(set) var text = ""
    /// Attributes that proxies do not know, such as `source.workload`: they never have a value.
    private(set) var unknown: [String] = []

    private var tokens: [ExpressionToken]
    private var position = 0
    private var depth = 0

    /// - Throws: Why it is none.
    init(_ source: String) throws(ExpressionFault) {
        tokens = try ExpressionToken.tokens(of: source)
        guard !tokens.isEmpty else { throw .init("is empty") }
        text = try conditional()
        if position < tokens.count { throw .init("has \(tokens[position].text) where it should end") }
    }

    /// The value, if the expression is a literal.
    var literal: String? {
        guard tokens.count == 1 else { return nil }
        switch tokens[0] {
        case .string(_, let value): return value
        case .number(let text): return text
        case .word(let word): return ["true", "false"].contains(word) ? word : nil
        case .symbol: return nil
        }
    }

    private var next: ExpressionToken? { position < tokens.count ? tokens[position] : nil }

    private mutating func skip(_ symbol: String) -> Bool {
        guard next == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(ExpressionFault) {
        guard skip(symbol) else {
            throw .init("has \(next?.text ?? "its end") where \(symbol) should be")
        }
    }

    private mutating func conditional() throws(ExpressionFault) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw .init("is nested too deep", isOfProxies: true) }
        let condition = try binary(0)
        guard skip("?") else { return condition }
        let yes = try binary(0)
        try expect(":")
        return "\(condition) ? \(yes) : \(try conditional())"
    }

    /// What binds weaker comes first.
    private static let operators: [[String]] = [
        ["||"], ["&&"], ["==", "!=", "<=", ">=", "<", ">", "in"], ["+", "-"], ["*", "/", "%"],
    ]

    private mutating func binary(_ level: Int) throws(ExpressionFault) -> String {
        guard level < Self.operators.count else { return try unary() }
        var text = try binary(level + 1)
        while let symbol = Self.operators[level].first(where: { next == .symbol($0) || next == .word($0) }) {
            position += 1
            text += " \(symbol) \(try binary(level + 1))"
        }
        return text
    }

    private mutating func unary() throws(ExpressionFault) -> String {
        guard let symbol = ["!", "-"].first(where: { next == .symbol($0) }) else { return try member() }
        var count = 0
        while skip(symbol) { count += 1 }
        return String(repeating: symbol, count: count) + (try member())
    }

    private mutating func member() throws(ExpressionFault) -> String {
        var path: [String] = []
        var text = try primary(&path)
        note(path)
        while true {
            if skip(".") {
                guard case .word(let name)? = next else { throw .init("ends in a dot, or has no name behind one") }
                position += 1
                if next == .symbol("(") {
                    text += ".\(name)(\(try arguments(of: name, isMethod: true)))"
                } else {
                    text += ".\(name)"
                }
            } else if skip("[") {
                text += "[\(try conditional())]"
                try expect("]")
            } else {
                return text
            }
        }
    }

    /// - Parameter path: Gets the first names of an attribute.
    private mutating func primary(_ path: inout [String]) throws(ExpressionFault) -> String {
        guard let token = next else { throw .init("ends where a value should be") }
        position += 1
        switch token {
        case .string(let text, _), .number(let text): return text
        case .symbol("("):
            let inner = try conditional()
            try expect(")")
            return "(\(inner))"
        case .symbol("["):
            var elements: [String] = []
            while next != .symbol("]") {
                elements.append(try conditional())
                if !skip(",") { break }
            }
            try expect("]")
            return "[\(elements.joined(separator: ", "))]"
        case .symbol("."): throw .init("begins a name with a dot, which proxies do not know", isOfProxies: true)
        case .symbol(let symbol): throw .init("has \(symbol) where a value should be")
        case .word(let word):
            if ["true", "false", "null"].contains(word) { return word }
            if next == .symbol("(") { return "\(word)(\(try arguments(of: word, isMethod: false)))" }
            path = [word]
            if next == .symbol("."), position + 1 < tokens.count, case .word(let second) = tokens[position + 1] {
                path.append(second)
            }
            return KnownAttributes.prefixed(word)
        }
    }

    private mutating func arguments(of function: String, isMethod: Bool) throws(ExpressionFault) -> String {
        guard let count = isMethod ? KnownAttributes.methods[function] : KnownAttributes.functions[function] else {
            throw .init("calls \(function), which proxies do not have", isOfProxies: true)
        }
        try expect("(")
        let start = position
        var texts: [String] = []
        while next != .symbol(")") {
            texts.append(function == "has" ? try field() : try conditional())
            if !skip(",") { break }
        }
        try expect(")")
        guard texts.count == count else {
            throw .init(
                "calls \(function) with \(texts.count) values, not \(count)", isOfProxies: true)
        }
        if function == "matches" { try check(patternIn: start..<position) }
        return texts.joined(separator: ", ")
    }

    /// What can be there or not.
    private mutating func field() throws(ExpressionFault) -> String {
        let text = try member()
        guard position >= 2, tokens[position - 2] == .symbol("."), case .word = tokens[position - 1] else {
            throw .init(
                "asks has() for something that is no member with a name; write 'NAME' in MAP for others",
                isOfProxies: true)
        }
        return text
    }

    /// Patterns that are written out.
    private func check(patternIn range: Range<Int>) throws(ExpressionFault) {
        guard case .string(_, let pattern)? = tokens[range].dropLast().last else { return }
        do {
            _ = try RegularExpressionSyntax(pattern)
        } catch {
            throw .init("has a pattern that \(error.message)", isOfProxies: true)
        }
    }

    private mutating func note(_ path: [String]) {
        guard let root = path.first, !KnownAttributes.isKnown(root, path.dropFirst().first) else { return }
        unknown.append(path.joined(separator: "."))
    }
}

/// Why something is no expression that proxies take.
struct ExpressionFault: Error {
    var description: String
    /// It is one in the whole of the language.
    var isOfProxies: Bool

    init(_ description: String, isOfProxies: Bool = false) {
        self.description = description
        self.isOfProxies = isOfProxies
    }
}

/// Why a text is no expression (CEL) at all, as what follows "it "; nil if it is one, whether proxies take it or not.
package func attributeExpressionSyntaxFault(_ text: String) -> String? {
    // The language has more than is read here.
    guard !["{", "//", "\"\"\"", "'''"].contains(where: { text.contains($0) }) else { return nil }
    do {
        _ = try AttributeExpression(text)
        return nil
    } catch {
        return error.isOfProxies ? nil : error.description
    }
}
