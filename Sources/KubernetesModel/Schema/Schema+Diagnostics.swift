extension Schema {
    /// Everything that is wrong about a value, in the order of its field names: fields that do not exist, values of
    /// the wrong type or outside what is allowed, and required fields that are missing.
    ///
    /// - Parameter path: Where the value stands, such as `spec`; the diagnostics' paths begin with it.
    package func diagnostics(for value: JSONValue, at path: String) -> [Diagnostic] {
        var found: [Diagnostic] = []
        report(value, at: path, to: &found)
        return found
    }

    private func report(_ value: JSONValue, at path: String, to found: inout [Diagnostic]) {
        guard isAllowed(value) else {
            found.append(Diagnostic(path: path, message: wrongValueMessage(value)))
            return
        }
        found += surplus(in: value, at: path)
        switch (shape, value) {
        case (.object(let fields, let unknown, let removed), .object(let values)):
            report(values, fields, unknown, removed, at: path, to: &found)
        case (.map(let schema), .object(let values)):
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                schema.report(value, at: FieldPath.field(name, of: path), to: &found)
            }
        case (.list(let schema), .array(let elements)):
            for (index, element) in elements.enumerated() {
                schema.report(element, at: FieldPath.element(index, of: path), to: &found)
            }
        default: break
        }
    }

    private func report(
        _ values: [String: JSONValue], _ fields: [Field], _ unknown: UnknownFields, _ removed: [String: String],
        at path: String, to found: inout [Diagnostic]
    ) {
        let known = Dictionary(fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = fields.filter { $0.isRequired && (values[$0.name] ?? .null).isNull }.map(\.name)
        for name in Set(values.keys).union(missing).sorted() {
            let fieldPath = FieldPath.field(name, of: path)
            let value = values[name] ?? .null
            if let field = known[name] {
                if !value.isNull {
                    field.schema.report(value, at: fieldPath, to: &found)
                } else if field.isRequired {
                    let message = "is required, and must be \(field.schema.allowed)"
                    found.append(Diagnostic(path: fieldPath, message: message))
                }
            } else if unknown != .allowed {
                let message = unknownFieldMessage(name, fields, hint: removed[name])
                found.append(Diagnostic(path: fieldPath, message: message))
            }
        }
    }

    private func unknownFieldMessage(_ name: String, _ fields: [Field], hint: String?) -> String {
        let names = fields.map(\.name)
        if let hint { return "unknown field \"\(name)\": \(hint)" }
        if let near = Spelling.nearest(to: name, among: names) {
            return "unknown field \"\(name)\"; did you mean \"\(near)\"?"
        }
        if let owner = fields.first(where: { $0.schema.fieldNames.contains(name) }) {
            return "unknown field \"\(name)\"; did you mean \"\(owner.name).\(name)\"?"
        }
        guard names.count <= 24 else { return "unknown field \"\(name)\"" }
        return "unknown field \"\(name)\"; known here are \(names.sorted().joined(separator: ", "))"
    }

    private var fieldNames: [String] {
        if case .object(let fields, _, _) = shape { fields.map(\.name) } else { [] }
    }
}

extension Schema {
    /// Whether a value is of this kind, whatever stands inside it.
    private func isAllowed(_ value: JSONValue) -> Bool {
        switch (shape, value) {
        case (.anything, _), (.string, .string), (.boolean, .bool), (.object, .object), (.map, .object),
            (.freeform, .object), (.list, .array):
            true
        case (.scalar, .string), (.scalar, .integer), (.scalar, .double), (.scalar, .bool),
            (.integerOrString, .string), (.quantity, .integer), (.quantity, .double):
            true
        case (.quantity, .string(let text)): Quantity(text) != nil
        case (.enumeration(let values), .string(let text)): values.contains(text)
        case (.text(let rule), .string(let text)): rule.accepts(text)
        case (.integer(let minimum, let maximum), _):
            value.integer.map { $0 >= minimum ?? .min && $0 <= maximum ?? .max } ?? false
        case (.number(let minimum, let maximum), .integer(let number)):
            number >= minimum ?? .min && number <= maximum ?? .max
        case (.number(let minimum, let maximum), .double(let number)):
            number >= minimum.map(Double.init) ?? -.infinity && number <= maximum.map(Double.init) ?? .infinity
        case (.integerOrString, _): value.integer != nil
        default: false
        }
    }

    /// What is allowed, in words that stand after "must be".
    package var allowed: String {
        switch shape {
        case .string: "a string"
        case .enumeration(let values): "one of \(values.filter { !$0.isEmpty }.joined(separator: ", "))"
        case .text(let rule): rule.words
        case .integer(let minimum?, let maximum?): "an integer from \(minimum) to \(maximum)"
        case .integer(let minimum?, nil): "an integer of at least \(minimum)"
        case .integer(nil, let maximum?): "an integer of at most \(maximum)"
        case .integer(nil, nil): "an integer"
        case .number(let minimum?, let maximum?): "a number from \(minimum) to \(maximum)"
        case .number(let minimum?, nil): "a number of at least \(minimum)"
        case .number(nil, let maximum?): "a number of at most \(maximum)"
        case .number(nil, nil): "a number"
        case .boolean: "a boolean (true or false)"
        case .integerOrString: "an integer or a string"
        case .quantity: "an amount such as 500m, 2 or 1Gi"
        case .scalar: "a string, a number or a boolean"
        case .object, .map, .freeform: "a map"
        case .list(let element): "a list in which each element is \(element.allowed)"
        case .anything: "any value"
        }
    }

    private func wrongValueMessage(_ value: JSONValue) -> String {
        "must be \(allowed), but is \(value.shortRendering)\(repair(value).map { "; \($0)" } ?? "")"
    }

    /// The likeliest way to put a wrong value right, if there is a likely one.
    private func repair(_ value: JSONValue) -> String? {
        switch (shape, value) {
        case (.string, .integer), (.string, .double), (.string, .bool), (.text, .integer), (.text, .double):
            return "put it in quotes: \"\(value.jsonText)\""
        case (.boolean, .string("true")), (.boolean, .string("false")):
            return "leave out the quotes"
        case (.integer, .string(let text)) where Int64(text) != nil:
            return "leave out the quotes"
        case (.number, .string(let text)) where Double(text)?.isFinite ?? false:
            return "leave out the quotes"
        case (.enumeration(let values), .string(let text)):
            return Spelling.nearest(to: text, among: values).map { "did you mean \"\($0)\"?" }
        case (.list, .object):
            return "begin each element with \"- \""
        default: return nil
        }
    }
}

extension JSONValue {
    /// The value's type and as much of it as fits in a message: `the integer 5`, `the list ["a","b"]`.
    package var shortRendering: String {
        guard !isNull else { return "null" }
        let text = jsonText
        return "the \(typeName) \(text.count > 60 ? text.prefix(59) + "…" : text)"
    }
}
