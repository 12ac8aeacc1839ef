import KubernetesModel

extension TemplateValue {
    /// The field of a name: `.name`.
    func field(_ name: String) throws(TemplateProblem) -> TemplateValue {
        if nature == .structure, let value = method(name) { return value }
        switch json {
        case .object(let fields):
            if let value = fields[name] {
                return TemplateValue(value, nature == .structure && name != "Values" ? .structure : .plain)
            }
            if nature == .structure, let value = goField(name, in: fields) { return part(value) }
            return .missing(in: nature)
        case .null:
            if nature == .structure { return .missing(in: .structure) }
            throw TemplateProblem("\".\(name)\" is asked of nothing: there is no value before it")
        default:
            throw TemplateProblem("\".\(name)\" is asked of a \(json.typeName), which has no fields")
        }
    }

    /// Fields of structures begin with a capital letter in Go, and are written otherwise in JSON.
    private func goField(_ name: String, in fields: [String: JSONValue]) -> JSONValue? {
        guard name.first?.isUppercase == true else { return nil }
        let lower = name.lowercased()
        let match = fields.keys.filter { $0.lowercased() == lower }.min()
        return match.flatMap { fields[$0] }
    }

    /// The methods of Go that structures are asked for.
    private func method(_ name: String) -> TemplateValue? {
        switch name {
        case "GetValue", "String":
            if case .object = json { return nil }
            return isMissing ? .missing(in: .structure) : self
        default:
            guard name.hasPrefix("Get"), name.count > 3, case .object(let fields) = json, fields[name] == nil else {
                return nil
            }
            return goField(String(name.dropFirst(3)), in: fields).map { part($0) } ?? .missing(in: .structure)
        }
    }

    /// `index value key`.
    func element(_ key: TemplateValue) throws(TemplateProblem) -> TemplateValue {
        switch json {
        case .array(let elements):
            guard let index = key.json.integer else {
                throw TemplateProblem("a list is indexed by a number, not by a \(key.json.typeName)")
            }
            guard let index = Int(exactly: index), elements.indices.contains(index) else {
                throw TemplateProblem("there is no element \(index) in a list of \(elements.count)")
            }
            return part(elements[index])
        case .object(let fields):
            guard case .string(let name) = key.json else {
                throw TemplateProblem("a map is indexed by a text, not by a \(key.json.typeName)")
            }
            return fields[name].map { part($0) } ?? .missing(in: nature)
        case .string(let text):
            guard let index = key.json.integer.flatMap({ Int(exactly: $0) }), index >= 0, index < text.utf8.count else {
                throw TemplateProblem("there is no such character in a text of \(text.utf8.count) bytes")
            }
            return TemplateValue(.integer(Int64(Array(text.utf8)[index])))
        case .null:
            // In Go an absent map gives what an empty one gives.
            if nature == .structure { return .missing(in: .structure) }
            throw TemplateProblem("nothing cannot be indexed: there is no value")
        default: throw TemplateProblem("a \(json.typeName) cannot be indexed")
        }
    }
}
