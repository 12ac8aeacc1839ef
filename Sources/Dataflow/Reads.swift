/// What a computation has looked at.
package struct Reads<Input: Hashable & Sendable>: Sendable {
    @usableFromInline var noted: Set<Input> = []

    @inlinable
    package init() {}

    /// What was looked at, and what was looked for in vain.
    @inlinable package var inputs: Set<Input> { noted }

    /// Notes that the result depends on an input.
    @inlinable
    package mutating func note(_ input: Input) { noted.insert(input) }

    /// Looks something up, and notes that the result depends on it, whether it is there or not.
    @inlinable
    package mutating func fetch<Value>(_ input: Input, _ value: @autoclosure () -> Value) -> Value {
        note(input)
        return value()
    }
}
