import IstioAPI
import KubernetesModel

/// One field that differs between two versions of an object.
struct FieldChange: Hashable {
    /// Elements of lists go by their names: `spec.containers[name=discovery].image`.
    var path: String
    /// Nil if there was none.
    var old: JSONValue?
    /// Nil if there is none any more.
    var new: JSONValue?

    /// The differences between two values, in the order of their paths.
    static func changes(from old: JSONValue, to new: JSONValue, at path: String = "") -> [FieldChange] {
        switch (old, new) {
        case (.object(let before), .object(let after)):
            return Set(before.keys).union(after.keys).sorted().flatMap { name in
                changes(from: before[name], to: after[name], at: FieldPath.field(name, of: path))
            }
        case (.array(let before), .array(let after)):
            guard let key = listKey(before, after) else {
                return (0..<max(before.count, after.count)).flatMap { index in
                    changes(
                        from: index < before.count ? before[index] : Optional.none,
                        to: index < after.count ? after[index] : Optional.none,
                        at: FieldPath.element(index, of: path))
                }
            }
            return changes(from: before, to: after, by: key, at: path)
        default:
            return old == new ? [] : [FieldChange(path: path, old: old, new: new)]
        }
    }

    private static func changes(from old: JSONValue?, to new: JSONValue?, at path: String) -> [FieldChange] {
        guard let old, let new else {
            return old == nil && new == nil ? [] : [FieldChange(path: path, old: old, new: new)]
        }
        return changes(from: old, to: new, at: path)
    }

    /// Lists whose elements go by a name; another order alone is a change too.
    private static func changes(
        from old: [JSONValue], to new: [JSONValue], by key: String, at path: String
    ) -> [FieldChange] {
        let before = old.map { $0[key]?.scalarText ?? "" }
        let after = new.map { $0[key]?.scalarText ?? "" }
        let names = before + after.filter { !before.contains($0) }
        let changed = names.flatMap { name in
            changes(
                from: before.firstIndex(of: name).map { old[$0] }, to: after.firstIndex(of: name).map { new[$0] },
                at: "\(path)[\(key)=\(name)]")
        }
        let kept = before.filter(after.contains)
        let order = after.filter(before.contains)
        guard kept != order else { return changed }
        return changed + [FieldChange(path: "\(path) (order)", old: JSONValue(kept), new: JSONValue(order))]
    }

    /// The field that tells the elements of both lists apart; nil if there is none.
    private static func listKey(_ old: [JSONValue], _ new: [JSONValue]) -> String? {
        guard !old.isEmpty, !new.isEmpty else { return nil }
        return ["name", "mountPath", "containerPort", "port", "key", "type", "path"].first { key in
            [old, new].allSatisfy { list in
                let names = list.compactMap { $0[key]?.scalarText }
                return names.count == list.count && Set(names).count == names.count
            }
        }
    }
}

extension FieldChange {
    /// The change in words: one line, or for texts of several lines those that differ.
    var lines: [String] {
        switch (old, new) {
        case (nil, let new?): return ["    + \(path): \(text(new))"]
        case (let old?, nil): return ["    - \(path): \(text(old))"]
        case (.string(let old)?, .string(let new)?) where old.contains("\n") || new.contains("\n"):
            return ["    ~ \(path):"] + lineChanges(from: old, to: new).map { "        \($0)" }
        case (let old?, let new?): return ["    ~ \(path): \(text(old)) -> \(text(new))"]
        case (nil, nil): return []
        }
    }

    private func text(_ value: JSONValue) -> String {
        let text = value.jsonText
        return text.count > 160 ? text.prefix(159) + "…" : text
    }

    private func lineChanges(from old: String, to new: String) -> [String] {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        let difference = after.difference(from: before)
        let edits = difference.map { change -> (at: Int, rank: Int, text: String) in
            switch change {
            case .remove(let offset, let line, _): (offset, 0, "- \(line)")
            case .insert(let offset, let line, _): (place(of: offset, among: difference), 1, "+ \(line)")
            }
        }
        return edits.enumerated().sorted {
            ($0.element.at, $0.element.rank, $0.offset) < ($1.element.at, $1.element.rank, $1.offset)
        }
        .map(\.element.text)
    }

    /// Before which line of the old text a line of the new one was put in.
    private func place(of offset: Int, among difference: CollectionDifference<Substring>) -> Int {
        var old = offset - difference.insertions.count { $0.offset < offset }
        for removal in difference.removals where removal.offset <= old { old += 1 }
        return old
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
