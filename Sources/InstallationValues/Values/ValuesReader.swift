internal import IstioAPI
package import KubernetesModel

/// Reads values by their path, and notes each one that has the wrong type.
///
/// What is absent or null reads as empty: the built-in values have been merged in before.
package struct ValuesReader {
    /// The map that is read.
    let values: JSONValue
    /// Path of that map, for messages.
    let path: String
    /// What was wrong so far.
    package private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter path: Of the map, for messages.
    package init(_ values: JSONValue, path: String = "spec.values") {
        self.values = values
        self.path = path
    }

    /// The value at a path of field names joined by dots; nil where there is none.
    private func value(at field: String) -> JSONValue? {
        let value = values.value(at: field.split(separator: ".").map(String.init))
        guard let value, !value.isNull else { return Optional.none }
        return value
    }

    /// Notes what is wrong.
    package mutating func fail(_ field: String, _ message: String) {
        diagnostics.append(Diagnostic(path: "\(path).\(field)", message: message))
    }

    /// Notes what is allowed, but hardly meant.
    package mutating func doubt(_ field: String, _ message: String) {
        diagnostics.append(Diagnostic(.warning, path: "\(path).\(field)", message: message))
    }

    private mutating func read<Value>(
        _ field: String, as expected: String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = value(at: field) else { return nil }
        if let converted = convert(value) { return converted }
        fail(field, "is a \(value.typeName), but \(expected) is expected")
        return nil
    }

    /// A text; numbers and booleans count as what they are written like.
    package mutating func text(_ field: String) -> String { read(field, as: "a string", \.scalarText) ?? "" }

    /// One of a list of words; nil where nothing is said.
    package mutating func choice<Choice>(_ field: String, of type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let word = text(field)
        if let choice = Choice(rawValue: word) { return choice }
        if !word.isEmpty {
            let allowed = type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " and ")
            fail(field, "is \"\(word)\"; allowed are \(allowed)")
        }
        return nil
    }

    /// A boolean; false where nothing is said.
    package mutating func bool(_ field: String) -> Bool { read(field, as: "true or false", \.bool) ?? false }

    /// An integer; nil where nothing is said.
    package mutating func integer(_ field: String) -> Int64? { read(field, as: "an integer", \.integer) }

    /// A map with whatever in it; nil if empty.
    package mutating func map(_ field: String) -> JSONValue? {
        read(field, as: "a map") { $0.object.map(JSONValue.object) }?.nonEmpty
    }

    /// A list of whatever; empty where nothing is said.
    package mutating func list(_ field: String) -> [JSONValue] { read(field, as: "a list", \.array) ?? [] }

    /// A list of texts.
    package mutating func texts(_ field: String) -> [String] {
        read(field, as: "a list of strings") { value -> [String]? in
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.scalarText)
            return texts.count == elements.count ? texts : nil
        } ?? []
    }

    /// A map of texts.
    package mutating func textMap(_ field: String) -> [String: String] {
        read(field, as: "a map of strings") { value -> [String: String]? in
            guard let fields = value.object else { return nil }
            let texts = fields.compactMapValues(\.scalarText)
            return texts.count == fields.count ? texts : nil
        } ?? [:]
    }

    /// A count or a share, such as `1` or `25%`.
    package mutating func countOrShare(_ field: String) -> JSONValue? {
        read(field, as: "an integer or a percentage") { value -> JSONValue? in
            switch value {
            case .integer: return value
            case .string(let text):
                if let count = Int64(text) { return .integer(count) }
                return text.hasSuffix("%") ? value : Optional.none
            default: return Optional.none
            }
        }
    }
}

extension JSONValue {
    /// This value, or nil if it is null, an empty text, an empty list or an empty map.
    package var nonEmpty: JSONValue? {
        switch self {
        case .null, .string(""), .array([]): return Optional.none
        case .object(let fields): return fields.isEmpty ? Optional.none : self
        default: return self
        }
    }
}
