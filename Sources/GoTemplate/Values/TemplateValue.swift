import KubernetesModel

/// What expressions give.
struct TemplateValue: Hashable {
    /// What Go knows about a value besides what JSON does.
    enum Nature: Hashable {
        /// A map, a list or a scalar: keys that are missing are no value.
        case plain
        /// A structure of Go, or a part of one: fields are found under their names in Go, too, and those that are
        /// missing are the zero of their type, whatever that is.
        case structure
    }

    var json: JSONValue
    var nature = Nature.plain
    /// There is nothing where it was looked for.
    var isMissing = false

    init(_ json: JSONValue, _ nature: Nature = .plain) {
        self.json = json
        self.nature = nature
    }

    init(_ text: String) { json = .string(text) }

    /// What is found under a key that is not there.
    static func missing(in nature: Nature) -> TemplateValue {
        var value = TemplateValue(.null, nature)
        value.isMissing = true
        return value
    }

    /// A part of it.
    func part(_ json: JSONValue) -> TemplateValue { TemplateValue(json, nature) }

    /// Whether it counts as true: anything but false, zero, nothing and what is empty.
    var isTrue: Bool {
        switch json {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .double(let value): value != 0
        case .string(let value): !value.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let fields): !fields.isEmpty
        }
    }
}

extension TemplateLiteral {
    var value: TemplateValue {
        switch self {
        case .null: TemplateValue(.null)
        case .bool(let value): TemplateValue(.bool(value))
        case .integer(let value): TemplateValue(.integer(value))
        case .double(let value): TemplateValue(.double(value))
        case .string(let value): TemplateValue(.string(value))
        }
    }
}

/// What cannot be done with a value, told where it was tried.
struct TemplateProblem: Error {
    var problem: String

    init(_ problem: String) { self.problem = problem }
}
