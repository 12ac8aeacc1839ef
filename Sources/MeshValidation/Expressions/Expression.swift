import KubernetesModel

/// An expression in the part of the Common Expression Language that rules of definitions are written in.
indirect enum Expression: Hashable, Sendable {
    case literal(JSONValue)
    case name(String)
    case field(Expression, String)
    case element(Expression, Expression)
    case list([Expression])
    /// `{}`
    case emptyMap
    case not(Expression)
    case negative(Expression)
    case both(Expression, Expression)
    case either(Expression, Expression)
    case comparison(String, Expression, Expression)
    case choice(Expression, Expression, Expression)
    /// `has(a.b)`
    case presence(Expression, String)
    /// `size(x)`, and with a receiver `x.size()`.
    case call(String, receiver: Expression?, [Expression])
    /// `x.all(name, condition)`
    case quantifier(String, Expression, name: String, Expression)

    /// Reads an expression; nil if it is of another part of the language.
    init?(parsing text: String) {
        guard let tokens = ExpressionToken.tokens(of: text) else { return nil }
        var parser = ExpressionParser(tokens: tokens[...])
        guard let expression = parser.choice(), parser.tokens.isEmpty else { return nil }
        self = expression
    }
}

private struct ExpressionParser {
    var tokens: ArraySlice<ExpressionToken>

    private mutating func takes(_ symbol: String) -> Bool {
        guard tokens.first == .symbol(symbol) else { return false }
        tokens.removeFirst()
        return true
    }

    mutating func choice() -> Expression? {
        guard let condition = either() else { return nil }
        guard takes("?") else { return condition }
        guard let yes = choice(), takes(":"), let no = choice() else { return nil }
        return .choice(condition, yes, no)
    }

    private mutating func either() -> Expression? {
        guard var left = both() else { return nil }
        while takes("||") {
            guard let right = both() else { return nil }
            left = .either(left, right)
        }
        return left
    }

    private mutating func both() -> Expression? {
        guard var left = comparison() else { return nil }
        while takes("&&") {
            guard let right = comparison() else { return nil }
            left = .both(left, right)
        }
        return left
    }

    private mutating func comparison() -> Expression? {
        guard var left = sum() else { return nil }
        while let relation = relation() {
            guard let right = sum() else { return nil }
            left = .comparison(relation, left, right)
        }
        return left
    }

    private mutating func relation() -> String? {
        if tokens.first == .name("in") {
            tokens.removeFirst()
            return "in"
        }
        return ["==", "!=", "<=", ">=", "<", ">"].first { takes($0) }
    }

    private mutating func sum() -> Expression? {
        guard var left = prefixed() else { return nil }
        while case .symbol(let sign)? = tokens.first, sign == "+" || sign == "-" {
            tokens.removeFirst()
            guard let right = prefixed() else { return nil }
            left = .call(sign, receiver: nil, [left, right])
        }
        return left
    }

    private mutating func prefixed() -> Expression? {
        if takes("!") { return prefixed().map { .not($0) } }
        if takes("-") { return prefixed().map { .negative($0) } }
        return member()
    }

    private mutating func member() -> Expression? {
        guard var value = primary() else { return nil }
        while true {
            if takes(".") {
                guard case .name(let name)? = tokens.popFirst() else { return nil }
                guard takes("(") else {
                    value = .field(value, name)
                    continue
                }
                guard let arguments = arguments(until: ")") else { return nil }
                if ["all", "exists", "exists_one"].contains(name) {
                    guard arguments.count == 2, case .name(let variable) = arguments[0] else { return nil }
                    value = .quantifier(name, value, name: variable, arguments[1])
                } else {
                    value = .call(name, receiver: value, arguments)
                }
            } else if takes("[") {
                guard let index = choice(), takes("]") else { return nil }
                value = .element(value, index)
            } else {
                return value
            }
        }
    }

    private mutating func primary() -> Expression? {
        if takes("(") {
            guard let inner = choice(), takes(")") else { return nil }
            return inner
        }
        if takes("[") { return arguments(until: "]").map { .list($0) } }
        if takes("{") { return takes("}") ? .emptyMap : nil }
        switch tokens.popFirst() {
        case .string(let text): return .literal(.string(text))
        case .integer(let value): return .literal(.integer(value))
        case .name("true"): return .literal(true)
        case .name("false"): return .literal(false)
        case .name(let name):
            guard takes("(") else { return .name(name) }
            guard let arguments = arguments(until: ")") else { return nil }
            if name == "has" {
                guard arguments.count == 1, case .field(let object, let field) = arguments[0] else { return nil }
                return .presence(object, field)
            }
            return .call(name, receiver: nil, arguments)
        default: return nil
        }
    }

    private mutating func arguments(until end: String) -> [Expression]? {
        var arguments: [Expression] = []
        if takes(end) { return arguments }
        while let argument = choice() {
            arguments.append(argument)
            if takes(end) { return arguments }
            guard takes(",") else { return nil }
        }
        return nil
    }
}
