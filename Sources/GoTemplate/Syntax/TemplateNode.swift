/// A part of a parsed template.
indirect enum TemplateNode: Hashable, Sendable {
    case text(String)
    /// Prints what a pipeline gives; nothing if it declares or sets a variable.
    case action(TemplatePipeline)
    case condition(TemplateBranch)
    case with(TemplateBranch)
    case range(TemplateBranch)
    case call(name: String, argument: TemplatePipeline?, offset: Int)
    case leaveLoop(offset: Int)
    case nextTurn(offset: Int)
}

/// `if`, `with` or `range`, with what happens otherwise.
struct TemplateBranch: Hashable, Sendable {
    var pipeline: TemplatePipeline
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

/// Commands of which each gets what the one before gave as its last argument.
struct TemplatePipeline: Hashable, Sendable {
    /// One, or for `range` two.
    var variables: [String] = []
    /// They exist already.
    var isAssignment = false
    var commands: [TemplateCommand]
    var offset: Int
}

/// A value, or a function with its arguments.
struct TemplateCommand: Hashable, Sendable {
    var operands: [TemplateOperand]
    var offset: Int { operands.first?.offset ?? 0 }
}

/// What a command is made of.
indirect enum TemplateOperand: Hashable, Sendable {
    case function(String, offset: Int)
    /// `.`
    case dot(offset: Int)
    /// `.A.B`
    case fields([String], offset: Int)
    /// `$x.A.B`
    case variable(String, fields: [String], offset: Int)
    case literal(TemplateLiteral, offset: Int)
    /// `(…).A.B`
    case pipeline(TemplatePipeline, fields: [String], offset: Int)

    var offset: Int {
        switch self {
        case .function(_, let offset), .dot(let offset), .fields(_, let offset), .variable(_, _, let offset),
            .literal(_, let offset), .pipeline(_, _, let offset):
            offset
        }
    }
}

/// A constant.
enum TemplateLiteral: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
}
