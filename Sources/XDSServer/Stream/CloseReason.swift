/// Why a stream ends from the server's side.
package enum CloseReason: Hashable, Sendable {
    /// The first request does not say who asks.
    case missingNode
    /// A request of the other protocol.
    case wrongVariant
    case tooManyTypes(limit: Int)
    case tooManyNames(TypeURL, count: Int, limit: Int)
    case tooLong(bytes: Int, limit: Int)
    case tooManyRequests
    case acknowledgementTimeout(TypeURL)
    case maximumAge
    /// The server goes away.
    case draining

    /// The client did nothing wrong: it should connect again.
    package var isGraceful: Bool { self == .maximumAge || self == .draining }
}

extension CloseReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingNode: "the first request of the stream has no node id: set node.id in the client's bootstrap"
        case .wrongVariant:
            "a request of the other xDS protocol: send state-of-the-world and delta requests to their own methods"
        case .tooManyTypes(let limit): "the stream asks for more than \(limit) types: use one stream for fewer"
        case .tooManyNames(let typeURL, let count, let limit):
            "\(count) names of \(typeURL) are asked for, at most \(limit) are served: narrow what the proxy sees"
        case .tooLong(let bytes, let limit): "a name, nonce or type URL of \(bytes) bytes, at most \(limit) are read"
        case .tooManyRequests: "too many requests that answer no response: slow down"
        case .acknowledgementTimeout(let typeURL):
            "no answer to the last response of \(typeURL): the client counts as dead and may connect again"
        case .maximumAge: "the stream has reached its age: connect again"
        case .draining: "the server goes away: connect again"
        }
    }
}
