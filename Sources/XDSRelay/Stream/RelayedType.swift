import DiscoveryAPI
import SwiftProtobuf
import XDSServer

/// One type of a relayed stream: what the proxy wants, what it has, and what it was sent.
struct RelayedType: Sendable {
    /// A response that the proxy has yet to answer.
    struct InFlight: Sendable {
        /// As the proxy knows it.
        var nonce: String
        /// The control plane's nonce and connection; nil: the relay's own.
        var origin: (nonce: String, connection: Int)?
        var response: RelayResponse
    }

    let typeURL: TypeURL
    let variant: ProtocolVariant
    /// All there are are wanted.
    private(set) var isWildcard = false
    private(set) var names: Set<String> = []
    /// In the order of the last request, for the protocol that repeats them.
    private(set) var listed: [String] = []
    /// What the proxy has acknowledged. Those that it brought from before have no body.
    private(set) var held: [String: RelayResource] = [:]
    /// The version of the last whole response that it acknowledged.
    private(set) var version = ""
    /// Names of which nobody knows what the proxy has: it refused a part of a response, or never answered.
    private(set) var doubtful: Set<String> = []
    /// Names that it asked for, and was not told of since.
    private(set) var unanswered: Set<String> = []
    /// It asked for all there are, and was told nothing since.
    private(set) var isWildcardUnanswered = false
    /// It has acknowledged something of this stream.
    private(set) var hasAcknowledged = false
    private(set) var inFlight: [InFlight] = []
    /// The control plane of this connection was asked.
    var isAsked = false
    /// The nonce of the last response of this connection.
    var lastNonce = ""

    init(_ request: RelayRequest) {
        typeURL = request.typeURL
        variant = request.variant
        switch request.asked {
        case .whole(let version, let names):
            isWildcard = names.isEmpty && !typeURL.isNamed
            self.version = version
        case .delta(let subscribe, _, _):
            isWildcard = subscribe.isEmpty && !typeURL.isNamed
        }
    }

    /// Names of which it is not known what the proxy has of them.
    var uncertain: Set<String> { doubtful.union(inFlight.flatMap(\.response.names)) }

    /// Something is wanted at all.
    var isWanted: Bool { isWildcard || !names.isEmpty }

    /// What a request changes of what is wanted.
    struct News: Sendable {
        /// To be told of, again or for the first time.
        var names: Set<String> = []
        /// All there are are to be told of.
        var isWildcardNew = false
        /// Less is wanted than before.
        var isLess = false

        var asksForNothing: Bool { names.isEmpty && !isWildcardNew }
    }

    /// Takes what a request says is wanted; gives what that changes.
    mutating func want(_ request: RelayRequest, isFirst: Bool, isAnswer: Bool) -> News {
        let news = change(request, isFirst: isFirst, isAnswer: isAnswer)
        unanswered = unanswered.intersection(names).union(news.names)
        if news.isWildcardNew { isWildcardUnanswered = true }
        return news
    }

    private mutating func change(_ request: RelayRequest, isFirst: Bool, isAnswer: Bool) -> News {
        switch request.asked {
        case .whole(_, let names):
            let wanted = Set(names)
            var news = News(names: wanted.subtracting(self.names), isWildcardNew: isFirst && names.isEmpty)
            // The same again is asked for because it is needed again.
            if !isFirst, !isAnswer, wanted == self.names, inFlight.isEmpty {
                news = News(names: wanted, isWildcardNew: isWildcard)
            }
            news.isLess = !self.names.isSubset(of: wanted)
            if !wanted.isEmpty { isWildcard = wanted.contains("*") }
            self.names = wanted.subtracting(["*"])
            listed = names
            if typeURL.isNamed { held = held.filter { wanted.contains($0.key) } }
            return news
        case .delta(let subscribe, let unsubscribe, let initialVersions):
            if isFirst {
                for (name, version) in initialVersions where held[name] == nil {
                    held[name] = .with {
                        $0.name = name
                        $0.version = version
                    }
                }
            }
            for name in unsubscribe {
                names.remove(name)
                if name == "*" { isWildcard = false }
                if !isWildcard { held[name] = nil }
            }
            var news = News(
                names: Set(subscribe), isWildcardNew: isFirst && isWildcard && held.isEmpty,
                isLess: !unsubscribe.isEmpty)
            if news.names.remove("*") != nil {
                isWildcard = true
                news.isWildcardNew = !isFirst || held.isEmpty
            }
            names.formUnion(news.names)
            if isFirst { news.names.subtract(initialVersions.keys) }
            return news
        }
    }

    /// Takes back what an earlier stream held of these versions: the proxy says that it still has them.
    mutating func adopt(_ kept: KeptResources.OfType) {
        for (name, resource) in held where resource.resource.typeURL.isEmpty {
            if let known = kept.resources[name], known.version == resource.version { held[name] = known }
        }
    }

    /// A response goes to the proxy.
    mutating func send(_ response: RelayResponse, origin: (nonce: String, connection: Int)?) {
        inFlight.append(InFlight(nonce: response.nonce, origin: origin, response: response))
        unanswered.subtract(response.names)
        isWildcardUnanswered = false
    }

    /// Takes an answer; nil: to nothing that is waited for.
    mutating func settle(_ request: RelayRequest) -> InFlight? {
        guard !request.nonce.isEmpty, let index = inFlight.firstIndex(where: { $0.nonce == request.nonce }) else {
            return nil
        }
        let settled = inFlight.remove(at: index)
        let response = settled.response
        guard request.error == nil else {
            doubtful.formUnion(response.names)
            return settled
        }
        hasAcknowledged = true
        doubtful.subtract(response.names)
        if variant == .stateOfTheWorld, !typeURL.isNamed {
            held = [:]
            doubtful = []
        }
        for resource in response.resources { held[resource.name] = resource }
        for name in response.removed { held[name] = nil }
        version = response.version
        return settled
    }

    /// The first request of a connection to the control plane: all that is wanted, and what the proxy has of it.
    ///
    /// A resource whose state is in doubt is said to be there in a version that none has, so that the control plane
    /// tells of it again, be it there or gone.
    ///
    /// - Parameter needed: Names that the proxy waits for again, though it has them.
    func initialRequest(needed: Set<String> = []) -> RelayRequest {
        let uncertain = uncertain
        let unknown = uncertain.union(unanswered).union(needed.intersection(names))
        switch variant {
        case .stateOfTheWorld:
            return RelayRequest(
                typeURL: typeURL, asked: .whole(version: unknown.isEmpty ? version : "", names: listed))
        case .delta:
            var versions = held.mapValues(\.version)
            for name in unknown where isWildcard || names.contains(name) {
                // What it never had needs no word: it is in doubt only if it might have come.
                if versions[name] == nil, !uncertain.contains(name) { continue }
                versions[name] = "unknown"
            }
            let subscribe = (isWildcard && !names.isEmpty ? ["*"] : []) + names.sorted()
            return RelayRequest(
                typeURL: typeURL, asked: .delta(subscribe: subscribe, unsubscribe: [], initialVersions: versions))
        }
    }
}
