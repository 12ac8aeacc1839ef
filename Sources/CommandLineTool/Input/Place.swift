import YAML

/// Where something that a person wrote stands.
enum Place: Hashable {
    /// In a file; nil for all of it.
    case file(String, YAMLMark?)
    /// Among the arguments: `--set hub=x`.
    case argument(String)
}

extension Place: CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, as editors understand it, or the argument.
    var description: String {
        switch self {
        case .file(let file, let mark?) where mark != .none: "\(file):\(mark.line):\(mark.column)"
        case .file(let file, _): file
        case .argument(let argument): argument
        }
    }
}

extension YAMLNode {
    /// How far the steps lead into this tree, and where that is: the key of a field, the beginning of an element.
    func place(of steps: some Collection<FieldStep>) -> (mark: YAMLMark, depth: Int) {
        var node = self
        var mark = self.mark
        var depth = 0
        var rest = Array(steps)[...]
        while let next = node.child(rest) {
            (node, mark) = (next.value, next.mark)
            depth += next.steps
            rest = rest.dropFirst(next.steps)
        }
        return (mark, depth)
    }

    /// What the first of the steps leads to. Several field steps may be one key, for not every path quotes its dots.
    private func child(_ steps: ArraySlice<FieldStep>) -> (value: YAMLNode, mark: YAMLMark, steps: Int)? {
        switch (content, steps.first) {
        case (.sequence(let items), .index(let index)?) where items.indices.contains(index):
            return (items[index], items[index].mark, 1)
        case (.mapping(let pairs), .field?):
            var key = ""
            for (count, step) in steps.enumerated() {
                guard case .field(let name) = step else { return nil }
                key += count == 0 ? name : "." + name
                if let pair = pairs.first(where: { $0.key.scalar?.text == key }) {
                    return (pair.value, pair.key.mark, count + 1)
                }
            }
            return nil
        default: return nil
        }
    }
}
