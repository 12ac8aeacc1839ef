/// A piece of a template's text, as the parser wants it.
struct TemplateToken: Hashable {
    enum Kind: Hashable {
        /// What stands outside of actions.
        case text(String)
        /// The end of an action.
        case actionStart, actionEnd
        /// A word: a keyword, or the name of a function.
        case word(String)
        /// `.Name`, or with an empty name `.`.
        case field(String)
        /// `$name`, or with an empty name `$`.
        case variable(String)
        case string(String)
        case integer(Int64)
        case double(Double)
        case pipe, leftParenthesis, rightParenthesis, comma, declare, assign
        case end
    }

    var kind: Kind
    /// Offset in UTF-8 bytes.
    var offset: Int
    /// Blanks stand before it: `.A.B` is one thing, `.A .B` are two.
    var followsSpace = false
}

extension TemplateToken.Kind {
    /// For messages.
    var name: String {
        switch self {
        case .text: "text"
        case .actionStart: "{{"
        case .actionEnd: "}}"
        case .word(let word): "\"\(word)\""
        case .field(let name): "\".\(name)\""
        case .variable(let name): "\"$\(name)\""
        case .string: "a string"
        case .integer, .double: "a number"
        case .pipe: "\"|\""
        case .leftParenthesis: "\"(\""
        case .rightParenthesis: "\")\""
        case .comma: "\",\""
        case .declare: "\":=\""
        case .assign: "\"=\""
        case .end: "the end of the template"
        }
    }
}

/// A fault at a place of a template's text that is not counted in lines yet.
struct TemplateFault: Error, Hashable {
    var problem: String
    /// In UTF-8 bytes.
    var offset: Int

    /// With the line and column of its place.
    func located(in text: String) -> TemplateError {
        var line = 1
        var column = 1
        for character in String(decoding: text.utf8.prefix(offset), as: UTF8.self) {
            if character.isNewline {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return TemplateError(problem: problem, line: line, column: column)
    }
}
