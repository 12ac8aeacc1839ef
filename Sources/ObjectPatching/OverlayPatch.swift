internal import IstioAPI
package import KubernetesModel
internal import YAML

/// The value of a patch; nil and null remove.
///
/// - A text that is a map or a list in YAML stands for it, so that `value: "{a: 1}"` and blocks of YAML mean what they
///   hold. Other texts stay texts (`"8080"`, `"true"`), and so does JSON, which is written where programs read it.
/// - Where Kubernetes takes nothing but a text, every text stays one, and numbers and booleans become texts.
package func overlayValue(_ value: JSONValue?, at path: OverlayPath) -> JSONValue? {
    guard let value, !value.isNull else { return nil }
    if path.leadsToText { return value.scalarText.map(JSONValue.string) ?? value }
    guard case .string(let text) = value else { return value }
    return collection(writtenAs: text) ?? value
}

/// The map or list that a text is in YAML, unless it is JSON.
private func collection(writtenAs text: String) -> JSONValue? {
    guard text.contains(text.contains("\n") ? ":" : ": ") || text.hasPrefix("- ") else { return nil }
    guard (try? JSONValue(parsing: text)) == nil else { return nil }
    guard let documents = try? JSONValue.documents(yaml: text), documents.count == 1 else { return nil }
    return documents.first.flatMap { $0.object != nil || $0.array != nil ? $0 : nil }
}

extension JSONValue {
    /// Writes, or with nil removes, what stands at a path.
    package mutating func apply(_ value: JSONValue?, at path: OverlayPath) throws(OverlayError) {
        try apply(value, at: path.steps[...])
    }

    private mutating func apply(_ value: JSONValue?, at steps: ArraySlice<OverlayPath.Step>) throws(OverlayError) {
        guard let step = steps.first else { return }
        let rest = steps.dropFirst()
        switch step {
        case .field(let name): try applyToField(name, value, rest)
        case .index(let index): try applyToElement(at: index, value, rest)
        case .element, .match:
            guard case .array(let elements) = self else { throw notAList(step) }
            guard let index = try elements.firstIndex(matching: step) else {
                throw OverlayError(message: "no element of the list is \(step)")
            }
            try applyToElement(at: index, value, rest)
        }
    }

    private mutating func applyToField(
        _ name: String, _ value: JSONValue?, _ rest: ArraySlice<OverlayPath.Step>
    ) throws(OverlayError) {
        guard self == .null || object != nil else {
            throw OverlayError(message: "\"\(name)\" is looked for in a \(typeName)")
        }
        if rest.isEmpty {
            self[name] = value.map { written($0, as: name) }
            return
        }
        guard var child = self[name] else {
            guard value != nil else { return }  // nothing to remove
            guard case .field = rest.first else {
                throw OverlayError(message: "there is no list \"\(name)\"")
            }
            var made: JSONValue = [:]
            try made.apply(value, at: rest)
            self[name] = made
            return
        }
        self[name] = .null
        do {
            try child.apply(value, at: rest)
        } catch {
            self[name] = child
            throw error
        }
        self[name] = child
    }

    /// A scalar or map that is written to a list is appended to it; a map that holds nothing but the field itself
    /// stands for what it holds.
    private func written(_ value: JSONValue, as name: String) -> JSONValue {
        let value = value.object?.count == 1 ? value[name] ?? value : value
        guard case .array(let elements) = self[name], value.array == nil else { return value }
        return .array(elements + [value])
    }

    private mutating func applyToElement(
        at index: Int, _ value: JSONValue?, _ rest: ArraySlice<OverlayPath.Step>
    ) throws(OverlayError) {
        guard case .array(var elements) = self else { throw notAList(.index(index)) }
        let exists = elements.indices.contains(index)
        guard index >= -1 else { throw OverlayError(message: "[\(index)] is no index; -1 appends") }
        if exists, !rest.isEmpty {
            try elements[index].apply(value, at: rest)
        } else if exists, let value {
            elements[index] = value
        } else if exists {
            elements.remove(at: index)
        } else if let value {
            var made: JSONValue = rest.isEmpty ? value : [:]
            if !rest.isEmpty { try made.apply(value, at: rest) }
            elements.append(made)
        } else if index == -1, !elements.isEmpty, rest.isEmpty {
            elements.removeLast()
        }
        self = .array(elements)
    }

    private func notAList(_ step: OverlayPath.Step) -> OverlayError {
        OverlayError(message: "\(step) is looked for in a \(typeName), but it needs a list")
    }
}

extension [JSONValue] {
    fileprivate func firstIndex(matching step: OverlayPath.Step) throws(OverlayError) -> Int? {
        switch step {
        case .element(let key, let value): return firstIndex { $0[key]?.scalarText == value }
        case .match(let expression):
            guard let expression = try? Regex(expression) else {
                throw OverlayError(message: "[:\(expression)] is not a regular expression")
            }
            return firstIndex { $0.scalarText.map { $0.firstMatch(of: expression) != nil } ?? false }
        case .field, .index: return nil
        }
    }
}
