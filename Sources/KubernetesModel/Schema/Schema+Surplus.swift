extension Schema {
    /// What is too much or too little of a value: elements, entries, characters, and fields that exclude each other.
    func surplus(in value: JSONValue, at path: String) -> [Diagnostic] {
        var messages: [String] = []
        switch value {
        case .string(let text):
            // The API server counts code points.
            messages += fault(text.unicodeScalars.count, limits.length, "character")
        case .array(let elements): messages += fault(elements.count, limits.items, "element")
        case .object(let fields):
            messages += fault(fields.values.count { !$0.isNull }, limits.properties, "entry", "entries")
            messages += exclusiveFields.compactMap { Schema.clash(of: $0, in: fields) }
        default: break
        }
        return messages.map { Diagnostic(path: path, message: $0) }
    }

    private static func clash(of exclusive: [String], in fields: [String: JSONValue]) -> String? {
        let given = exclusive.filter { !(fields[$0] ?? .null).isNull }
        guard given.count > 1 else { return nil }
        let all = exclusive.joined(separator: ", ")
        return "must have only one of \(all), but has \(given.joined(separator: " and "))"
    }

    private func fault(
        _ count: Int, _ range: ClosedRange<Int>?, _ unit: String, _ units: String? = nil
    ) -> [String] {
        guard let range, !range.contains(count) else { return [] }
        let isTooFew = count < range.lowerBound
        let bound = isTooFew ? range.lowerBound : range.upperBound
        let noun = bound == 1 ? unit : units ?? unit + "s"
        return ["must have at \(isTooFew ? "least" : "most") \(bound) \(noun), but has \(count)"]
    }
}
