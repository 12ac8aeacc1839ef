/// What computed values were made from, and so which of them a change of an input touches.
package struct Dependencies<Key: Hashable & Sendable, Input: Hashable & Sendable>: Sendable {
    @usableFromInline var inputs: [Key: Set<Input>] = [:]
    @usableFromInline var keys = Index<Input, Key>()

    @inlinable
    package init() {}

    /// The keys whose values were made from an input, in no order.
    @inlinable
    package func dependents(on input: Input) -> Set<Key> { keys[input] }

    /// Takes over what a value was made from; of one that was made from nothing, nothing is kept.
    @inlinable
    package mutating func set(_ key: Key, _ reads: Reads<Input>) {
        let new = reads.inputs
        let old = inputs[key] ?? []
        guard old != new else { return }
        for input in old where !new.contains(input) { keys.remove(key, at: input) }
        for input in new where !old.contains(input) { keys.insert(key, at: input) }
        inputs[key] = new.isEmpty ? nil : new
    }
}
