import KubernetesModel

/// What one rendering may cost. Templates come from ConfigMaps: a mistake in one must not take the control plane down.
package struct TemplateLimits: Hashable, Sendable {
    /// Nodes and function calls, each turn of a loop counted.
    package var steps = 200_000
    /// Bytes of what is written, and of any text on the way.
    package var bytes = 4 << 20
    /// Templates that call each other.
    package var depth = 50
    /// Bytes of all values that are made on the way.
    package var work = 64 << 20

    package init() {}
}

/// What is left of the limits.
struct TemplateBudget {
    private let limits: TemplateLimits
    private var steps: Int
    private var work: Int
    private(set) var depth = 0

    init(_ limits: TemplateLimits) {
        self.limits = limits
        steps = limits.steps
        work = limits.work
    }

    var bytes: Int { limits.bytes }

    mutating func step() throws(TemplateProblem) {
        steps -= 1
        guard steps >= 0 else { throw TemplateProblem("the template takes more than \(limits.steps) steps") }
    }

    mutating func enter() throws(TemplateProblem) {
        depth += 1
        guard depth <= limits.depth else {
            throw TemplateProblem("templates call each other more than \(limits.depth) levels deep")
        }
    }

    mutating func leave() { depth -= 1 }

    /// Accounts for a value that was made.
    mutating func admit(_ value: JSONValue) throws(TemplateProblem) {
        var size = 0
        try measure(value, into: &size, depth: 0)
        try spend(size)
    }

    /// Accounts for a text that is about to be made.
    mutating func spend(_ size: Int) throws(TemplateProblem) {
        guard size <= limits.bytes else {
            throw TemplateProblem("a value has more than \(limits.bytes) bytes")
        }
        work -= size
        guard work >= 0 else {
            throw TemplateProblem("the template makes more than \(limits.work) bytes of values on the way")
        }
    }

    /// Deeper values than can be read from JSON come of loops alone.
    private static let maximumDepth = JSONValue.maximumDepth + 20

    private func measure(_ value: JSONValue, into size: inout Int, depth: Int) throws(TemplateProblem) {
        size += 8
        switch value {
        case .string(let text): size += text.utf8.count
        case .array(let elements):
            guard depth < Self.maximumDepth else { throw TemplateProblem("a value is nested too deeply") }
            for element in elements {
                try measure(element, into: &size, depth: depth + 1)
                if size > limits.bytes { break }
            }
        case .object(let fields):
            guard depth < Self.maximumDepth else { throw TemplateProblem("a value is nested too deeply") }
            for (name, field) in fields {
                size += name.utf8.count
                try measure(field, into: &size, depth: depth + 1)
                if size > limits.bytes { break }
            }
        default: break
        }
        guard size <= limits.bytes else {
            throw TemplateProblem("a value has more than \(limits.bytes) bytes")
        }
    }
}
