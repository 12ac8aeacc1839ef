/// A response the client has not answered.
struct Outstanding: Sendable {
    let nonce: String
    let version: ResourceVersion
    /// What the client holds once it accepts: this snapshot,
    let snapshot: ResourceSnapshot
    /// but for what the response left out,
    let told: Pending
    /// some of it resources that are gone and the response kept alive.
    let keptAlive: [String: Resource]
    /// Names the client had asked for.
    let demanded: NameSet
    /// Without an answer by then the client counts as dead.
    let deadline: ContinuousClock.Instant

    /// Names of another type that the client needs anew.
    var dependents: NameSet { NameSet(told.updates.flatMap(\.dependents)) }
}

/// How a client answered a response.
package struct Answer: Hashable, Sendable {
    package var typeURL: TypeURL
    package var version: ResourceVersion
    package var nonce: String
    /// The names of what the response changed.
    package var names: NameSet
}

/// A response that a client refused, and why.
package struct Rejection: Hashable, Sendable {
    package var answer: Answer
    /// The client's own words.
    package var message: String
    /// The one bad resource, where that is known.
    package var culprit: String? { answer.names.count == 1 ? answer.names.sorted.first : nil }
}
