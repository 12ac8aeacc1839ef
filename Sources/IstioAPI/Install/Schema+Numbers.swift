internal import KubernetesModel

extension Schema {
    /// `value` with numbers that are written as texts (`port: "9000"`) as numbers.
    ///
    /// Istio reads its mesh configuration by the rules of protocol buffers, which take both.
    func withNumbers(_ value: JSONValue) -> JSONValue {
        switch (shape, value) {
        case (.integer, .string(let text)): Int64(text).map(JSONValue.integer) ?? value
        case (.number, .string(let text)):
            Int64(text).map(JSONValue.integer) ?? Double(text).flatMap { $0.isFinite ? .double($0) : nil } ?? value
        case (.object(let fields, _, _), .object(let values)):
            .object(
                values.reduce(into: values) { result, entry in
                    guard let field = fields.first(where: { $0.name == entry.key }) else { return }
                    result[entry.key] = field.schema.withNumbers(entry.value)
                })
        case (.map(let schema), .object(let values)): .object(values.mapValues(schema.withNumbers))
        case (.list(let schema), .array(let elements)): .array(elements.map(schema.withNumbers))
        default: value
        }
    }
}
