import KubernetesModel
import Synchronization

/// What the API server would refuse by a kind's definition, from Kubernetes 1.25 on: limits, fields that exclude each
/// other, and rules in the Common Expression Language. Older API servers, and people with files, have only this.
func definitionFaults(in value: JSONValue, _ schema: Schema, at path: String) -> [Diagnostic] {
    var faults: [Diagnostic] = []
    report(value.withoutNulls, schema, at: path, to: &faults)
    return faults
}

private func report(_ value: JSONValue, _ schema: Schema, at path: String, to faults: inout [Diagnostic]) {
    func fault(_ message: String) { faults.append(Diagnostic(path: path, message: message)) }
    if value.isNull { return }
    if let message = limitFault(value, schema.limits) { fault(message) }
    for fields in schema.exclusiveFields where fields.count(where: { value[$0] != nil }) > 1 {
        let given = fields.filter { value[$0] != nil }
        fault("only one of \(fields.joined(separator: ", ")) can be set, and \(given.joined(separator: ", ")) are")
    }
    for rule in schema.rules where !holds(rule, of: value) { fault(rule.message) }
    for index in repeated(in: value, by: schema.listKeys) {
        let keys = schema.listKeys.joined(separator: ", ")
        faults.append(
            Diagnostic(
                path: FieldPath.element(index, of: path), message: "has the same \(keys) as an element before it"))
    }
    switch (schema.shape, value) {
    case (.object(let fields, _, _), .object(let values)):
        for field in fields {
            guard let inner = values[field.name] else { continue }
            report(inner, field.schema, at: FieldPath.field(field.name, of: path), to: &faults)
        }
    case (.map(let inner), .object(let values)):
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            report(value, inner, at: FieldPath.field(name, of: path), to: &faults)
        }
    case (.list(let inner), .array(let elements)):
        for (index, element) in elements.enumerated() {
            report(element, inner, at: FieldPath.element(index, of: path), to: &faults)
        }
    default: break
    }
}

/// Elements of a list that are told apart by some fields, and cannot be.
private func repeated(in value: JSONValue, by keys: [String]) -> [Int] {
    guard !keys.isEmpty, let elements = value.array else { return [] }
    var known: Set<[JSONValue]> = []
    return elements.indices.filter { index in
        !known.insert(keys.map { elements[index][$0] ?? .null }).inserted
    }
}

private func limitFault(_ value: JSONValue, _ limits: SchemaLimits) -> String? {
    func fault(_ count: Int, _ range: ClosedRange<Int>?, _ things: String) -> String? {
        guard let range, !range.contains(count) else { return nil }
        if count < range.lowerBound { return "has \(count) \(things), and needs at least \(range.lowerBound)" }
        return "has \(count) \(things), and may have \(range.upperBound) at most"
    }
    switch value {
    case .string(let text): return fault(text.unicodeScalars.count, limits.length, "characters")
    case .array(let elements): return fault(elements.count, limits.items, "elements")
    case .object(let fields): return fault(fields.count, limits.properties, "entries")
    default: return nil
    }
}

/// Rules are few and never change: each is read once.
private let expressions = Mutex<[String: Expression?]>([:])

/// A rule in words that are not known here is left to API servers.
private func holds(_ rule: SchemaRule, of value: JSONValue) -> Bool {
    let expression = expressions.withLock { known -> Expression? in
        if let expression = known[rule.expression] { return expression }
        let expression = Expression(parsing: rule.expression)
        known[rule.expression] = .some(expression)
        return expression
    }
    guard let expression else { return true }
    do throws(NoValue) { return try expression.verdict(["self": value]) } catch { return false }
}

/// Whether a rule's expression is understood here.
func isUnderstood(_ rule: SchemaRule) -> Bool { Expression(parsing: rule.expression) != nil }
