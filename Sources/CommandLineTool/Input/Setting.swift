import IstioAPI
import KubernetesModel
import ManifestRenderer
import ObjectPatching
import YAML

/// One field of a spec as an argument gives it: `--set components.pilot.enabled=true`.
struct Setting {
    /// As it was written, for messages.
    var argument: String
    var path: OverlayPath
    /// What stands after the equals sign.
    var text: String

    /// Reads `path=value`; the first equals sign outside of brackets parts the two.
    init(parsing text: String, option: String = "--set") throws(InputFault) {
        argument = "\(option) \(text)"
        var depth = 0
        let equals = text.firstIndex { character in
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            return character == "=" && depth <= 0
        }
        guard let equals else {
            throw InputFault("give path=value, such as --set hub=docker.io/istio", at: .argument(argument))
        }
        do {
            path = try OverlayPath(parsing: String(text[..<equals]))
        } catch {
            throw InputFault("\(error.message)", at: .argument(argument))
        }
        self.text = String(text[text.index(after: equals)...])
    }

    /// A field of the spec, from an option of its own.
    init(_ fields: [String], _ value: String, argument: String) {
        self.argument = argument
        path = OverlayPath(fields: fields)
        text = value
    }

    /// Writes this field into a spec.
    ///
    /// - Returns: The steps from the spec to the field, with the places of list elements, and the value.
    func apply(to spec: inout JSONValue) throws(InputFault) -> (steps: [FieldStep], value: JSONValue) {
        let value = settingValue(text, of: Schema.istioOperatorSpec.schema(at: path.steps))
        var steps: [FieldStep] = []
        do {
            try spec.set(value, at: path.steps[...], steps: &steps)
        } catch {
            throw InputFault(error.message, at: .argument(argument))
        }
        return (steps, value)
    }
}

/// Why a value cannot be written where a path leads.
private struct SettingError: Error {
    var message: String
}

extension JSONValue {
    /// Writes a value at a path, making maps and lists on the way. Null takes an element out of its list.
    fileprivate mutating func set(
        _ value: JSONValue, at path: ArraySlice<OverlayPath.Step>, steps: inout [FieldStep]
    ) throws(SettingError) {
        guard let step = path.first else {
            self = value
            return
        }
        let rest = path.dropFirst()
        if case .field(let name) = step {
            guard isNull || object != nil else {
                throw SettingError(message: "\"\(name)\" is set in \(shortRendering), which has no fields")
            }
            steps.append(.field(name))
            var child = self[name] ?? .null
            try child.set(value, at: rest, steps: &steps)
            self[name] = child
            return
        }
        guard isNull || array != nil else {
            throw SettingError(message: "\(step) is looked for in \(shortRendering), but it needs a list")
        }
        var elements = array ?? []
        let index = try elements.index(of: step)
        steps.append(.index(index))
        if rest.isEmpty, value.isNull {
            if index < elements.count { elements.remove(at: index) }
        } else {
            if index == elements.count { elements.append(step.newElement) }
            try elements[index].set(value, at: rest, steps: &steps)
        }
        self = .array(elements)
    }
}

extension [JSONValue] {
    /// Where a step leads; the number of elements for one that is to be added.
    fileprivate func index(of step: OverlayPath.Step) throws(SettingError) -> Int {
        switch step {
        case .field: return count
        case .index(-1): return count
        case .index(let index):
            guard (0...count).contains(index) else {
                throw SettingError(message: "there is no [\(index)] in a list of \(count); [-1] adds an element")
            }
            return index
        case .element(let key, let value):
            return firstIndex { $0[key]?.scalarText == value } ?? count
        case .match(let expression):
            guard let expression = try? Regex(expression),
                let index = firstIndex(where: { $0.scalarText.map { $0.firstMatch(of: expression) != nil } ?? false })
            else { throw SettingError(message: "no element of the list is \(step)") }
            return index
        }
    }
}

extension OverlayPath.Step {
    /// The element that this step adds to a list where it finds none.
    fileprivate var newElement: JSONValue {
        if case .element(let key, let value) = self { [key: .string(value)] } else { .null }
    }
}
