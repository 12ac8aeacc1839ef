/// What values a field may have: written once, for the CRD that the API server enforces (`openAPI`) and for the
/// messages about what a person wrote (`diagnostics(for:at:)`).
///
/// ```
///           ┌─► openAPI              what a wrong type is refused by, at `kubectl apply`
///  Schema ──┤
///           └─► diagnostics(for:at:) all faults at once, with paths, what is allowed and near misses
/// ```
package struct Schema: Sendable {
    /// The kind of value. Null always counts as "not given", except in lists and maps.
    package indirect enum Shape: Sendable {
        case string
        /// One of these strings; an empty one among them is allowed without being told.
        case enumeration([String])
        /// A string that obeys a rule.
        case text(TextRule)
        /// Both bounds are allowed values; nil is no bound.
        case integer(minimum: Int64?, maximum: Int64?)
        /// Both bounds are allowed values; nil is no bound.
        case number(minimum: Int64?, maximum: Int64?)
        case boolean
        case integerOrString
        /// An amount as Kubernetes writes it: `500m`, `2Gi`, `1`.
        case quantity
        /// A string, an integer, a number or a boolean.
        case scalar
        /// Fields with names of their own. `removed` says what became of fields that existed once.
        case object([Field], unknown: UnknownFields, removed: [String: String])
        /// Any keys, all values alike.
        case map(Schema)
        case list(Schema)
        /// An object of which nothing is known.
        case freeform
        /// Any value at all.
        case anything
    }

    /// What happens to a field that an object does not list.
    package enum UnknownFields: Sendable {
        /// It is an error. The API server keeps it, so that it can be reported rather than be lost; it also keeps null
        /// for a known field, which is how YAML writes a field without value.
        case reported
        /// It is kept and nobody says anything.
        case allowed
        /// It is an error, and the API server drops it.
        case dropped
    }

    package var shape: Shape
    /// For `kubectl explain`: what it does, the unit, the default.
    package var description: String
    /// What the API server puts where nothing is given. Nil: nothing.
    package var defaultValue: JSONValue?
    /// Whether the API server takes null too, and keeps it.
    package var isNullable: Bool
    /// An OpenAPI format, such as `int32` or `date-time`.
    package var format: String?
    /// Whether the API server sees an object of unknown fields here, so that faults inside are left to our messages.
    package var isOpaqueToServer: Bool
    /// How much there may be of it.
    package var limits: SchemaLimits
    /// What the API server checks besides, from Kubernetes 1.25 on.
    package var rules: [SchemaRule]
    /// Sets of fields of which at most one may be given.
    package var exclusiveFields: [[String]]
    /// Fields that identify the elements of a list of objects, for server-side apply; empty for a list as a whole.
    package var listKeys: [String]

    package init(_ shape: Shape, description: String = "") {
        self.shape = shape
        self.description = description
        defaultValue = nil
        isNullable = false
        format = nil
        isOpaqueToServer = false
        limits = SchemaLimits()
        rules = []
        exclusiveFields = []
        listKeys = []
    }

    /// One field of an object.
    package struct Field: Sendable {
        package var name: String
        package var schema: Schema
        package var isRequired: Bool

        package init(_ name: String, _ schema: Schema, _ description: String = "", required: Bool = false) {
            self.name = name
            self.schema = description.isEmpty ? schema : schema.described(description)
            isRequired = required
        }
    }
}

extension Schema {
    package static let string = Schema(.string)
    package static let integer = Schema(.integer(minimum: nil, maximum: nil))
    package static let count = Schema(.integer(minimum: 0, maximum: nil))
    package static let number = Schema(.number(minimum: nil, maximum: nil))
    package static let boolean = Schema(.boolean)
    package static let integerOrString = Schema(.integerOrString)
    package static let quantity = Schema(.quantity)
    package static let scalar = Schema(.scalar)
    package static let freeform = Schema(.freeform)
    package static let anything = Schema(.anything)
    package static let strings = list(.string)
    package static let stringMap = map(.string)
    package static let port = integer(from: 1, to: 65535)

    package static func integer(from minimum: Int64?, to maximum: Int64? = nil) -> Schema {
        Schema(.integer(minimum: minimum, maximum: maximum))
    }
    package static func number(from minimum: Int64?, to maximum: Int64? = nil) -> Schema {
        Schema(.number(minimum: minimum, maximum: maximum))
    }
    package static func oneOf(_ values: String...) -> Schema { Schema(.enumeration(values)) }
    package static func text(_ rule: TextRule) -> Schema { Schema(.text(rule)) }
    package static func list(_ element: Schema) -> Schema { Schema(.list(element)) }
    package static func map(_ value: Schema) -> Schema { Schema(.map(value)) }

    /// An object of known fields.
    package static func object(
        _ fields: [Field], unknown: UnknownFields = .reported, removed: [String: String] = [:]
    ) -> Schema {
        Schema(.object(fields, unknown: unknown, removed: removed))
    }

    /// The same, with another description.
    package func described(_ description: String) -> Schema {
        var schema = self
        schema.description = description
        return schema
    }

    /// The same, seen by the API server as an object of which nothing is known.
    package var opaqueToServer: Schema {
        var schema = self
        schema.isOpaqueToServer = true
        return schema
    }

    /// The same, or null.
    package var nullable: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The same, with an OpenAPI format.
    package func formatted(_ format: String) -> Schema {
        var schema = self
        schema.format = format
        return schema
    }
}
