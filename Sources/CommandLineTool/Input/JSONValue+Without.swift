import KubernetesModel

extension JSONValue {
    /// This value without the fields at some paths. Where a required field is missing, the element or map that lacks it
    /// goes.
    ///
    /// - Parameter root: How the paths call this value.
    func without(_ paths: [String], from root: String) -> JSONValue {
        var value = self
        let all = paths.map(FieldStep.steps).filter { $0.count > 1 && $0.first == .field(root) }.map { steps in
            holds(steps.dropFirst()) ? steps.dropFirst() : steps.dropFirst().dropLast()
        }
        // The last elements first: those before them keep their places.
        for steps in Set(all).sorted(by: { $1.precedes($0) }) { value.remove(steps) }
        return value
    }

    private func holds(_ steps: ArraySlice<FieldStep>) -> Bool {
        guard let step = steps.first else { return true }
        return child(step)?.holds(steps.dropFirst()) ?? false
    }

    private func child(_ step: FieldStep) -> JSONValue? {
        switch step {
        case .field(let name): self[name]
        case .index(let index): array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        }
    }

    /// Removes what stands at a path, if something does.
    private mutating func remove(_ steps: ArraySlice<FieldStep>) {
        guard let step = steps.first, var child = child(step) else { return }
        child.remove(steps.dropFirst())
        let kept = steps.count == 1 ? Optional.none : .some(child)
        switch (step, self) {
        case (.field(let name), _): self[name] = kept
        case (.index(let index), .array(var elements)):
            elements.replaceSubrange(index...index, with: kept.map { [$0] } ?? [])
            self = .array(elements)
        default: break
        }
    }
}

extension ArraySlice<FieldStep> {
    fileprivate func precedes(_ other: ArraySlice<FieldStep>) -> Bool {
        for (own, theirs) in zip(self, other) where own != theirs {
            switch (own, theirs) {
            case (.field(let own), .field(let theirs)): return own < theirs
            case (.index(let own), .index(let theirs)): return own < theirs
            case (.index, .field): return true
            case (.field, .index): return false
            }
        }
        return count < other.count
    }
}
