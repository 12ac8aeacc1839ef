/// What a stream may cost, and how long things may take.
package struct StreamLimits: Hashable, Sendable {
    /// A client that does not answer a response for so long is dead.
    package var acknowledgementTimeout: Duration = .seconds(60)
    /// Later types wait so long for the names a client is about to ask for.
    package var warmingGrace: Duration = .seconds(2)
    /// A stream that is closed gracefully waits so long for outstanding answers.
    package var drainTimeout: Duration = .seconds(5)
    /// A stream older than this is handed over to whichever replica the client finds next; nil: never.
    package var maximumAge: Duration?
    /// Names of one type.
    package var names = 100_000
    /// Bytes of a name, a nonce or a type URL.
    package var nameBytes = 4096
    /// Types of one stream.
    package var types = 32
    /// Bytes kept of a client's reason to refuse.
    package var messageBytes = 4096
    /// Requests that answer nothing, at once.
    package var requestBurst = 1000.0
    /// Requests that answer nothing, a second.
    package var requestsPerSecond = 100.0

    package init() {}

    /// An age that differs from stream to stream, so that not all of them reconnect together: from `age` up to a
    /// `spread` part more, by a random number from 0 to 1.
    package static func jittered(_ age: Duration, spread: Double, random: Double) -> Duration {
        age + age * (spread * min(max(random, 0), 1))
    }

    /// The limit that a request passes; nil if it passes none.
    func violation(of request: DiscoveryRequest) -> CloseReason? {
        let lists: [any Collection<String>] =
            switch request.asked {
            case .stateOfTheWorld(_, let names): [names]
            case .delta(let subscribe, let unsubscribe, let versions): [subscribe, unsubscribe, versions.keys]
            }
        for list in lists {
            if list.count > names { return .tooManyNames(request.typeURL, count: list.count, limit: names) }
            if let long = list.first(where: { $0.utf8.count > nameBytes }) {
                return .tooLong(bytes: long.utf8.count, limit: nameBytes)
            }
        }
        let longest = max(request.typeURL.rawValue.utf8.count, request.nonce.utf8.count)
        return longest > nameBytes ? .tooLong(bytes: longest, limit: nameBytes) : nil
    }

    /// As much of a client's message as is kept.
    func shortened(_ message: String) -> String {
        guard message.utf8.count > messageBytes else { return message }
        return String(decoding: message.utf8.prefix(messageBytes), as: UTF8.self)
    }
}
