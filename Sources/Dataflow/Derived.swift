/// Values that are computed from inputs, each under its key, and remember which ones.
package struct Derived<Key: Hashable & Sendable, Value: Equatable & Sendable, Input: Hashable & Sendable>: Sendable {
    @usableFromInline var computed: [Key: Value] = [:]
    @usableFromInline var dependencies = Dependencies<Key, Input>()

    @inlinable
    package init() {}

    /// Those that there are.
    @inlinable package var values: [Key: Value] { computed }

    @inlinable
    package subscript(key: Key) -> Value? { computed[key] }

    /// The keys whose values, or whose lack of one, were found by looking at an input.
    @inlinable
    package func dependents(on input: Input) -> Set<Key> { dependencies.dependents(on: input) }

    /// A value that was replaced.
    package struct Change: Sendable {
        /// Nil: there was none.
        package var old: Value?
        /// Nil: there is none any more.
        package var new: Value?

        @usableFromInline
        init(old: Value?, new: Value?) { (self.old, self.new) = (old, new) }
    }

    /// Takes over what was computed.
    ///
    /// - Parameters:
    ///   - value: Nil: there is none, for now.
    ///   - reads: What the computation looked at.
    /// - Returns: Nil if the value is as it was: nothing that was made from it has to be made again.
    @inlinable
    package mutating func update(_ key: Key, to value: Value?, _ reads: Reads<Input>) -> Change? {
        dependencies.set(key, reads)
        let old = computed[key]
        guard old != value else { return nil }
        computed[key] = value
        return Change(old: old, new: value)
    }
}
