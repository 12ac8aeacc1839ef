/// How much there may be of a value. Nil is no limit.
package struct SchemaLimits: Hashable, Sendable {
    /// Characters of a string.
    package var length: ClosedRange<Int>?
    /// Elements of a list.
    package var items: ClosedRange<Int>?
    /// Entries of a map.
    package var properties: ClosedRange<Int>?

    package init(
        length: ClosedRange<Int>? = nil, items: ClosedRange<Int>? = nil, properties: ClosedRange<Int>? = nil
    ) {
        self.length = length
        self.items = items
        self.properties = properties
    }
}

/// A rule in the Common Expression Language that the API server checks, from Kubernetes 1.25 on. Older ones ignore it.
package struct SchemaRule: Hashable, Sendable {
    /// True of what is allowed; `self` is the value.
    package var expression: String
    /// What a person is told who broke it.
    package var message: String

    package init(_ expression: String, _ message: String) {
        self.expression = expression
        self.message = message
    }
}

extension Schema {
    /// The same, with a least and a greatest number of characters. `Int.max` is no bound.
    package func length(_ range: ClosedRange<Int>) -> Schema {
        var schema = self
        schema.limits.length = range
        return schema
    }

    /// The same, with a least and a greatest number of elements. `Int.max` is no bound.
    package func items(_ range: ClosedRange<Int>) -> Schema {
        var schema = self
        schema.limits.items = range
        return schema
    }

    /// The same, with a least and a greatest number of entries. `Int.max` is no bound.
    package func properties(_ range: ClosedRange<Int>) -> Schema {
        var schema = self
        schema.limits.properties = range
        return schema
    }

    /// The same, with rules for the API server.
    package func rules(_ rules: SchemaRule...) -> Schema {
        var schema = self
        schema.rules += rules
        return schema
    }

    /// The same, with at most one of these fields given. More than one set can be named, call by call.
    package func atMostOne(of fields: String...) -> Schema {
        var schema = self
        schema.exclusiveFields.append(fields)
        return schema
    }

    /// The same list, whose elements are identified by these fields.
    package func keyed(by fields: String...) -> Schema {
        var schema = self
        schema.listKeys = fields
        return schema
    }

    /// The same, with what the API server puts where nothing is given.
    package func defaulting(to value: JSONValue) -> Schema {
        var schema = self
        schema.defaultValue = value
        return schema
    }
}
