/// A JSON value whose fields are not known beforehand: what is rendered, applied and compared.
///
/// Objects are unordered and written with sorted keys, so equal values give equal bytes. Integers keep 64 bits;
/// every other number is a `Double`. A `Double` without fraction is written, and so read again, as an integer.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Texts are equal if their bytes are: to an API server `\u{E9}` and `e\u{301}` are two values, as strings of
    /// this language they are one.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left == right && left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension JSONValue {
    /// The text of a string value, else nil.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The value of a boolean, else nil.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The value of an integer, or of a number without fraction, else nil.
    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }
    /// The elements of an array, else nil.
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The fields of an object, else nil.
    package var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    /// Whether this is null.
    package var isNull: Bool { self == .null }

    /// What JSON calls this kind of value, for messages.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "list"
        case .object: "map"
        }
    }

    /// One field of an object. Reading from anything but an object gives nil; writing into null or anything else
    /// makes it an object; writing nil removes the field.
    package subscript(_ field: String) -> JSONValue? {
        get { if case .object(let fields) = self { fields[field] } else { nil } }
        set {
            guard case .object(var fields) = self else {
                if let newValue { self = .object([field: newValue]) }
                return
            }
            self = .null  // releases the storage, so that the change happens in place
            fields[field] = newValue
            self = .object(fields)
        }
    }

    /// A field of a field, read or written as `value["metadata", "labels", "app"]`.
    package subscript(_ first: String, _ rest: String...) -> JSONValue? {
        get { rest.reduce(self[first]) { $0?[$1] } }
        set { set(newValue, at: [first] + rest) }
    }

    /// Reads the field at a path of field names.
    package func value(at path: [String]) -> JSONValue? {
        path.reduce(Optional(self)) { $0?[$1] }
    }

    /// Writes (or with nil removes) the field at a path of field names, making the objects on the way.
    package mutating func set(_ value: JSONValue?, at path: some Collection<String>) {
        guard let first = path.first else {
            if let value { self = value }
            return
        }
        let rest = path.dropFirst()
        if rest.isEmpty {
            self[first] = value
        } else if value != nil || self[first] != nil {
            var child = self[first] ?? .object([:])
            self[first] = .null
            child.set(value, at: rest)
            self[first] = child
        }
    }

    /// This value with `overlay` laid over it: objects are merged field by field, everything else (lists too) is
    /// replaced. A null in the overlay replaces like any other value.
    package func merging(_ overlay: JSONValue) -> JSONValue {
        guard case .object(let base) = self, case .object(let over) = overlay else { return overlay }
        return .object(base.merging(over) { $0.merging($1) })
    }

    /// This value without fields that are null, at any depth.
    package var withoutNulls: JSONValue {
        switch self {
        case .object(let fields): .object(fields.compactMapValues { $0.isNull ? .none : $0.withoutNulls })
        case .array(let elements): .array(elements.map(\.withoutNulls))
        default: self
        }
    }

    /// This value without fields that are null, empty objects or empty lists, at any depth of objects.
    package var compacted: JSONValue? {
        // Not "nil", which is JSON's null where a JSONValue may be meant.
        switch self {
        case .null: return .none
        case .object(let fields):
            let kept = fields.compactMapValues(\.compacted)
            if kept.isEmpty { return .none }
            return .object(kept)
        case .array(let elements):
            if elements.isEmpty { return .none }
            return self
        default: return self
        }
    }
}

extension JSONValue {
    /// A string, or null for nil.
    package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
    /// A list of strings.
    package init(_ values: [String]) { self = .array(values.map(JSONValue.string)) }
    /// A map of strings.
    package init(_ values: [String: String]) { self = .object(values.mapValues(JSONValue.string)) }
}
