import KubernetesModel

/// What is different about one object between two sets.
struct ObjectChange: Hashable {
    /// What became of it.
    enum Kind: Hashable {
        case added, removed
        /// Its fields that differ, in the order of their paths.
        case changed([FieldChange])
    }

    var reference: ObjectReference
    var kind: Kind

    /// The differences between two sets of objects, in the order of kinds and names. The order within a set does not
    /// matter; of objects that are in it twice, the last counts.
    static func changes(from old: [UnstructuredObject], to new: [UnstructuredObject]) -> [ObjectChange] {
        let before = Dictionary(old.map { ($0.reference, $0.json) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.map { ($0.reference, $0.json) }, uniquingKeysWith: { $1 })
        return Set(before.keys).union(after.keys).sorted().compactMap { reference in
            guard let after = after[reference] else { return ObjectChange(reference: reference, kind: .removed) }
            guard let before = before[reference] else { return ObjectChange(reference: reference, kind: .added) }
            let changes = FieldChange.changes(from: before, to: after)
            return changes.isEmpty ? nil : ObjectChange(reference: reference, kind: .changed(changes))
        }
    }
}

extension ObjectChange: CustomStringConvertible {
    /// A line for the object, and below it one for each field.
    var description: String {
        switch kind {
        case .added: "+ \(reference)"
        case .removed: "- \(reference)"
        case .changed(let fields): (["~ \(reference)"] + fields.flatMap(\.lines)).joined(separator: "\n")
        }
    }
}
