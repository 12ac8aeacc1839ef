/// Makes the tree of a template.
struct TemplateParser {
    /// The templates that a text defines; the text itself is the one without a name.
    private(set) var templates: [String: [TemplateNode]] = [:]
    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    private var loops = 0
    /// Variables that are known where the parser stands.
    private var variables = [""]

    private init(_ tokens: [TemplateToken]) { self.tokens = tokens }

    static func templates(of text: String) throws(TemplateFault) -> [String: [TemplateNode]] {
        var parser = TemplateParser(try TemplateLexer.tokens(of: text))
        let (nodes, end) = try parser.list(isTop: true)
        if let end { throw TemplateFault(problem: "\"\(end.word)\" ends nothing", offset: end.offset) }
        parser.templates[""] = nodes
        return parser.templates
    }

    /// What ended a list of nodes.
    private struct Ending {
        var word: String
        var offset: Int
    }

    private static let maximumDepth = 100

    // MARK: Nodes

    private mutating func list(isTop: Bool = false) throws(TemplateFault) -> ([TemplateNode], Ending?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw fault("more than \(Self.maximumDepth) levels of nesting")
        }
        var nodes: [TemplateNode] = []
        while true {
            let token = take()
            switch token.kind {
            case .text(let text): nodes.append(.text(text))
            case .end: return (nodes, nil)
            case .actionStart:
                if case .word(let word) = peek.kind, word == "end" || word == "else" {
                    let offset = take().offset
                    if word == "end" { try expect(.actionEnd) }
                    return (nodes, Ending(word: word, offset: offset))
                }
                if let node = try action(isTop: isTop) { nodes.append(node) }
            default: throw fault("\(token.kind.name) is not expected here", token)
            }
        }
    }

    private mutating func action(isTop: Bool) throws(TemplateFault) -> TemplateNode? {
        guard case .word(let word) = peek.kind else { return .action(try pipeline(until: .actionEnd)) }
        let offset = peek.offset
        switch word {
        case "if": return .condition(try branch(word))
        case "with": return .with(try branch(word))
        case "range": return .range(try branch(word))
        case "define":
            guard isTop else { throw fault("a template cannot be defined within another one or a condition") }
            try define()
            return nil
        case "block": return try block(offset)
        case "template":
            advance()
            let name = try templateName("template")
            if peek.kind == .actionEnd {
                advance()
                return .call(name: name, argument: nil, offset: offset)
            }
            return .call(name: name, argument: try pipeline(until: .actionEnd), offset: offset)
        case "break", "continue":
            advance()
            guard loops > 0 else { throw TemplateFault(problem: "\"\(word)\" stands outside of range", offset: offset) }
            try expect(.actionEnd)
            return word == "break" ? .leaveLoop(offset: offset) : .nextTurn(offset: offset)
        default: return .action(try pipeline(until: .actionEnd))
        }
    }

    private mutating func branch(_ word: String) throws(TemplateFault) -> TemplateBranch {
        let start = take().offset
        depth += 1  // chains of "else if" nest without a list of their own
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw fault("more than \(Self.maximumDepth) levels of nesting") }
        let known = variables.count
        defer { variables.removeSubrange(known...) }
        let pipeline = try pipeline(until: .actionEnd, isRange: word == "range")
        if word == "range" { loops += 1 }
        let (body, ending) = try list()
        if word == "range" { loops -= 1 }
        guard let ending else { throw TemplateFault(problem: "\"\(word)\" has no \"end\"", offset: start) }
        guard ending.word == "else" else { return TemplateBranch(pipeline: pipeline, body: body, otherwise: []) }
        if case .word(let next) = peek.kind, next == word, word != "range" {
            let nested = try branch(word)
            return TemplateBranch(
                pipeline: pipeline, body: body, otherwise: [word == "if" ? .condition(nested) : .with(nested)])
        }
        try expect(.actionEnd)
        let (otherwise, last) = try list()
        guard let last, last.word == "end" else {
            throw TemplateFault(problem: "\"else\" of \"\(word)\" has no \"end\"", offset: ending.offset)
        }
        return TemplateBranch(pipeline: pipeline, body: body, otherwise: otherwise)
    }

    private mutating func define() throws(TemplateFault) {
        let start = take().offset
        let name = try templateName("define")
        try expect(.actionEnd)
        templates[name] = try body(of: "define", start)
    }

    private mutating func block(_ offset: Int) throws(TemplateFault) -> TemplateNode {
        advance()
        let name = try templateName("block")
        let argument = try pipeline(until: .actionEnd)
        templates[name] = try body(of: "block", offset)
        return .call(name: name, argument: argument, offset: offset)
    }

    /// Of a template of its own, which knows no variables but `$`.
    private mutating func body(of word: String, _ start: Int) throws(TemplateFault) -> [TemplateNode] {
        let (outer, outerLoops) = (variables, loops)
        (variables, loops) = ([""], 0)
        defer { (variables, loops) = (outer, outerLoops) }
        let (nodes, ending) = try list()
        guard let ending, ending.word == "end" else {
            throw TemplateFault(problem: "\"\(word)\" has no \"end\"", offset: start)
        }
        return nodes
    }

    private mutating func templateName(_ word: String) throws(TemplateFault) -> String {
        guard case .string(let name) = peek.kind else {
            throw fault("\"\(word)\" needs the name of a template in quotes, not \(peek.kind.name)")
        }
        advance()
        guard !name.isEmpty else { throw fault("the name of a template is empty") }
        return name
    }

    // MARK: Pipelines

    private mutating func pipeline(
        until end: TemplateToken.Kind, isRange: Bool = false
    ) throws(TemplateFault) -> TemplatePipeline {
        let offset = peek.offset
        var pipeline = TemplatePipeline(commands: [], offset: offset)
        var declared: [String] = []
        if let names = variablesAhead(isRange: isRange) {
            pipeline.variables = names.names
            pipeline.isAssignment = names.isAssignment
            position += names.length
            if names.isAssignment {
                for name in names.names where !variables.contains(name) {
                    throw TemplateFault(problem: "the variable \"$\(name)\" is not declared", offset: offset)
                }
            } else {
                declared = names.names
            }
        }
        while true {
            pipeline.commands.append(try command())
            if peek.kind == .pipe {
                advance()
                continue
            }
            guard peek.kind == end else {
                throw fault("\(peek.kind.name) is not expected in a pipeline")
            }
            advance()
            break
        }
        for command in pipeline.commands.dropFirst() {
            guard let first = command.operands.first, first.canTakeArguments else {
                throw TemplateFault(
                    problem: "a value that is no function stands after \"|\"", offset: command.offset)
            }
        }
        variables += declared
        return pipeline
    }

    /// `$x :=`, `$x =`, and for `range` `$i, $x :=`.
    private func variablesAhead(isRange: Bool) -> (names: [String], isAssignment: Bool, length: Int)? {
        func kind(_ ahead: Int) -> TemplateToken.Kind { token(ahead).kind }
        guard case .variable(let first) = kind(0) else { return nil }
        if kind(1) == .declare || kind(1) == .assign { return ([first], kind(1) == .assign, 2) }
        guard isRange, kind(1) == .comma, case .variable(let second) = kind(2),
            kind(3) == .declare || kind(3) == .assign
        else { return nil }
        return ([first, second], kind(3) == .assign, 4)
    }

    private mutating func command() throws(TemplateFault) -> TemplateCommand {
        var operands: [TemplateOperand] = []
        while let operand = try operand(isFirst: operands.isEmpty) { operands.append(operand) }
        guard let first = operands.first else { throw fault("a value is missing before \(peek.kind.name)") }
        if operands.count > 1, !first.canTakeArguments {
            throw TemplateFault(problem: "arguments are given to what is no function", offset: first.offset)
        }
        return TemplateCommand(operands: operands)
    }

    private mutating func operand(isFirst: Bool) throws(TemplateFault) -> TemplateOperand? {
        let token = peek
        if !isFirst, !token.followsSpace {
            switch token.kind {
            case .pipe, .rightParenthesis, .actionEnd, .comma, .declare, .assign, .end: return nil
            case .leftParenthesis: break
            default: throw fault("a blank is missing before \(token.kind.name)")
            }
        }
        switch token.kind {
        case .word(let word):
            advance()
            return try self.word(word, token)
        case .field(let name):
            advance()
            if name.isEmpty { return .dot(offset: token.offset) }
            let rest = try fields()
            return .fields([name] + rest, offset: token.offset)
        case .variable(let name):
            advance()
            guard variables.contains(name) else { throw fault("the variable \"$\(name)\" is not declared", token) }
            return .variable(name, fields: try fields(), offset: token.offset)
        case .string(let text): return literal(.string(text), token)
        case .integer(let value): return literal(.integer(value), token)
        case .double(let value): return literal(.double(value), token)
        case .leftParenthesis:
            advance()
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.maximumDepth else {
                throw fault("more than \(Self.maximumDepth) levels of nesting", token)
            }
            let known = variables.count
            let pipeline = try pipeline(until: .rightParenthesis)
            guard variables.count == known, pipeline.variables.isEmpty else {
                throw fault("a variable cannot be declared within parentheses", token)
            }
            return .pipeline(pipeline, fields: try fields(), offset: token.offset)
        default: return nil
        }
    }

    private func word(_ word: String, _ token: TemplateToken) throws(TemplateFault) -> TemplateOperand {
        switch word {
        case "true": return .literal(.bool(true), offset: token.offset)
        case "false": return .literal(.bool(false), offset: token.offset)
        case "nil": return .literal(.null, offset: token.offset)
        case "if", "else", "end", "range", "with", "define", "block", "template", "break", "continue":
            throw fault("the keyword \"\(word)\" stands where a value should be", token)
        default:
            guard TemplateFunctions.names.contains(word) else {
                throw fault("there is no function \"\(word.prefix(80))\"", token)
            }
            return .function(word, offset: token.offset)
        }
    }

    private mutating func literal(_ literal: TemplateLiteral, _ token: TemplateToken) -> TemplateOperand {
        advance()
        return .literal(literal, offset: token.offset)
    }

    /// `.A.B` right behind a value.
    private mutating func fields() throws(TemplateFault) -> [String] {
        var names: [String] = []
        while case .field(let name) = peek.kind, !peek.followsSpace {
            guard !name.isEmpty else { throw fault("the name of a field is missing after \".\"") }
            names.append(name)
            advance()
        }
        return names
    }

    // MARK: Tokens

    private var peek: TemplateToken { token(0) }

    private func token(_ ahead: Int) -> TemplateToken {
        tokens[min(position + ahead, tokens.count - 1)]  // the last one is the end
    }

    private mutating func advance() { position = min(position + 1, tokens.count) }

    private mutating func take() -> TemplateToken {
        defer { advance() }
        return peek
    }

    private mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateFault) {
        guard peek.kind == kind else { throw fault("\(kind.name) is expected, not \(peek.kind.name)") }
        advance()
    }

    private func fault(_ problem: String, _ token: TemplateToken? = nil) -> TemplateFault {
        TemplateFault(problem: problem, offset: (token ?? peek).offset)
    }
}

extension TemplateOperand {
    /// Fields may be methods, which take none here, but for what a pipeline hands on nobody can tell before.
    fileprivate var canTakeArguments: Bool { if case .function = self { true } else { false } }
}
