package import KubernetesModel

/// The operations (RFC 6902) that make one value of another: only what differs is sent.
package func jsonPatch(from old: JSONValue, to new: JSONValue) -> [JSONValue] {
    var operations: [JSONValue] = []
    difference(old, new, at: "", &operations)
    return operations
}

private func difference(_ old: JSONValue, _ new: JSONValue, at path: String, _ operations: inout [JSONValue]) {
    switch (old, new) {
    case (.object(let old), .object(let new)):
        for name in old.keys.sorted() where new[name] == nil {
            operations.append(["op": "remove", "path": .string("\(path)/\(escaped(name))")])
        }
        for (name, value) in new.sorted(by: { $0.key < $1.key }) {
            let field = "\(path)/\(escaped(name))"
            if let former = old[name] {
                difference(former, value, at: field, &operations)
            } else {
                operations.append(["op": "add", "path": .string(field), "value": value])
            }
        }
    case (.array(let old), .array(let new)):
        listDifference(old, new, at: path, &operations)
    default:
        if old != new { operations.append(["op": "replace", "path": .string(path), "value": new]) }
    }
}

/// What is alike at both ends stays. What is between is compared element by element, if there is as much of it.
private func listDifference(
    _ old: [JSONValue], _ new: [JSONValue], at path: String, _ operations: inout [JSONValue]
) {
    var start = 0
    while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
    var end = 0
    while end < old.count - start, end < new.count - start, old[old.count - 1 - end] == new[new.count - 1 - end] {
        end += 1
    }
    let (before, after) = (old.count - start - end, new.count - start - end)
    if before == after {
        for index in start..<(start + before) {
            difference(old[index], new[index], at: "\(path)/\(index)", &operations)
        }
    } else if before == 0 {
        for index in start..<(start + after) {
            operations.append(["op": "add", "path": .string("\(path)/\(index)"), "value": new[index]])
        }
    } else {
        operations.append(["op": "replace", "path": .string(path), "value": .array(new)])
    }
}

/// A field's name as a part of a JSON pointer.
private func escaped(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
    var escaped = ""
    for character in name.unicodeScalars {
        switch character {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        default: escaped.unicodeScalars.append(character)
        }
    }
    return escaped
}
