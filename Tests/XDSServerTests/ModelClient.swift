import MeshTesting

@testable import XDSServer

/// A small Envoy: applies responses or refuses them, asks for the endpoints of its clusters and the routes of its
/// listeners, and keeps an updated cluster or listener warming until those have come again. Clusters it acknowledges only
/// when all of them are warm.
struct ModelClient {
    let variant: ProtocolVariant
    /// Asks for everything with "*" instead of with nothing.
    let saysWildcard: Bool
    /// Of clusters and listeners, applies the good ones of a response that it refuses, as Envoy does.
    let appliesPartly: Bool
    var held: [TypeURL: [String: [UInt8]]] = [:]
    /// Of the types asked for by name.
    var names: [TypeURL: Set<String>] = [:]
    /// What waits for a resource of that type to come anew.
    var warming: [TypeURL: Set<String>] = [:]
    /// The versions of what it accepted.
    private(set) var recorded: [TypeURL: [String: ResourceVersion]] = [:]
    private(set) var refused = 0
    private var nonces: [TypeURL: String] = [:]
    private var versions: [TypeURL: String] = [:]
    private var requested: Set<TypeURL> = []
    private var hasSentNode = false
    /// An answer about clusters that is not given yet, and the endpoints that it waits for.
    private var unanswered: (answer: DiscoveryRequest, until: Set<String>)?

    init(_ variant: ProtocolVariant, saysWildcard: Bool, appliesPartly: Bool) {
        self.variant = variant
        self.appliesPartly = appliesPartly
        self.saysWildcard = saysWildcard
    }

    // MARK: - A new stream

    /// The first requests of a stream.
    mutating func connect() -> [DiscoveryRequest] {
        nonces = [:]
        requested = []
        // What a lost stream left warming, an Envoy takes from its cache, or gives up to wait for.
        warming = [:]
        unanswered = nil
        hasSentNode = false
        var requests = [first(.cluster)]
        if !(names[.endpoint] ?? []).isEmpty { requests.append(first(.endpoint)) }
        requests.append(first(.listener))
        if !(names[.route] ?? []).isEmpty { requests.append(first(.route)) }
        if !(names[.secret] ?? []).isEmpty { requests.append(first(.secret)) }
        return requests
    }

    private mutating func first(_ type: TypeURL) -> DiscoveryRequest {
        requested.insert(type)
        let wanted = type.isNamed ? (names[type] ?? []).sorted() : saysWildcard ? ["*"] : []
        let held = (recorded[type] ?? [:]).mapValues(\.description)
        return request(
            type,
            asked: variant == .delta
                ? .delta(subscribe: wanted, unsubscribe: [], initialVersions: held)
                : .stateOfTheWorld(version: versions[type] ?? "", names: wanted))
    }

    private mutating func request(
        _ type: TypeURL, nonce: String = "", error: String? = nil, asked: DiscoveryRequest.Asked
    ) -> DiscoveryRequest {
        defer { hasSentNode = true }
        return DiscoveryRequest(
            type, nonce: nonce, errorMessage: error, node: hasSentNode ? nil : ClientNode(id: "sidecar~1"),
            asked: asked)
    }

    // MARK: - Responses

    /// Applies or refuses a response; gives what the client says then.
    mutating func receive(_ response: DiscoveryResponse, _ random: inout SeededGenerator) -> [DiscoveryRequest] {
        let type = response.typeURL
        nonces[type] = response.nonce
        let bad = Set(response.resources.filter { MeshModel.isBad($0.body) }.map(\.name))
        let error = bad.isEmpty ? nil : "bad: \(bad.sorted().joined(separator: " "))"
        var changed: Set<String> = []
        if bad.isEmpty || (appliesPartly && !type.isNamed) { changed = apply(response, except: bad) }
        if bad.isEmpty { versions[type] = response.version.description } else { refused += 1 }
        if bad.isEmpty || (appliesPartly && !type.isNamed) { record(response, except: bad) }
        let answer = answer(response, error: error)
        let late = type == .endpoint ? warmed(by: response) : []
        guard let dependents = PushOrder.dependents(of: type) else { return [answer] + late }
        let more = follow(dependents, of: type, changed)
        if type == .cluster, variant == .delta, !changed.isEmpty {
            unanswered = (answer, changed)
            return more
        }
        return Bool.random(using: &random) ? [answer] + more : more + [answer]
    }

    /// The answer about clusters, if these endpoints are the last that they waited for.
    private mutating func warmed(by response: DiscoveryResponse) -> [DiscoveryRequest] {
        guard var waiting = unanswered else { return [] }
        waiting.until.subtract(response.resources.map(\.name) + response.removed)
        unanswered = waiting.until.isEmpty ? nil : waiting
        return waiting.until.isEmpty ? [waiting.answer] : []
    }

    private mutating func record(_ response: DiscoveryResponse, except bad: Set<String>) {
        let type = response.typeURL
        if variant == .stateOfTheWorld { return }
        for resource in response.resources where !bad.contains(resource.name) {
            recorded[type, default: [:]][resource.name] = resource.version
        }
        for name in response.removed { recorded[type]?[name] = nil }
        if type.isNamed { recorded[type] = recorded[type]?.filter { names[type]?.contains($0.key) ?? false } }
    }

    private mutating func apply(_ response: DiscoveryResponse, except bad: Set<String>) -> Set<String> {
        let type = response.typeURL
        let before = held[type] ?? [:]
        var after = variant == .stateOfTheWorld && !type.isNamed ? before.filter { bad.contains($0.key) } : before
        for resource in response.resources where !bad.contains(resource.name) { after[resource.name] = resource.body }
        for name in response.removed { after[name] = nil }
        if type.isNamed { after = after.filter { names[type]?.contains($0.key) ?? false } }
        held[type] = after
        for resource in response.resources { warming[type]?.remove(resource.name) }
        return Set(after.filter { before[$0.key] != $0.value }.keys)
    }

    private mutating func answer(_ response: DiscoveryResponse, error: String?) -> DiscoveryRequest {
        let type = response.typeURL
        let wanted = type.isNamed ? (names[type] ?? []).sorted() : saysWildcard ? ["*"] : []
        return request(
            type, nonce: response.nonce, error: error,
            asked: variant == .delta
                ? .delta(subscribe: [], unsubscribe: [], initialVersions: [:])
                : .stateOfTheWorld(version: versions[type] ?? "", names: wanted))
    }

    /// Asks for what the resources of a type now need of another.
    private mutating func follow(
        _ type: TypeURL, of parent: TypeURL, _ changed: Set<String>
    ) -> [DiscoveryRequest] {
        func needs(_ name: String) -> [String] {
            parent == .cluster ? [name] : MeshModel.references(in: held[parent]?[name] ?? [])
        }
        let wanted = Set((held[parent] ?? [:]).keys.flatMap(needs))
        let warm = Set(changed.flatMap(needs))
        warming[type] = (warming[type] ?? []).union(warm).intersection(wanted)
        return want(type, wanted, asksAgain: !warm.isEmpty)
    }

    /// Changes what the client asks for by name.
    mutating func want(_ type: TypeURL, _ wanted: Set<String>, asksAgain: Bool = false) -> [DiscoveryRequest] {
        let before = names[type] ?? []
        names[type] = wanted
        held[type] = (held[type] ?? [:]).filter { wanted.contains($0.key) }
        recorded[type] = (recorded[type] ?? [:]).filter { wanted.contains($0.key) }
        guard requested.contains(type) else { return wanted.isEmpty ? [] : [first(type)] }
        switch variant {
        case .stateOfTheWorld:
            guard before != wanted || asksAgain else { return [] }
            return [
                request(
                    type, nonce: nonces[type] ?? "",
                    asked: .stateOfTheWorld(version: versions[type] ?? "", names: wanted.shuffled(by: type)))
            ]
        case .delta:
            let subscribe = wanted.subtracting(before).sorted()
            let unsubscribe = before.subtracting(wanted).sorted()
            guard !subscribe.isEmpty || !unsubscribe.isEmpty else { return [] }
            return [
                request(
                    type, asked: .delta(subscribe: subscribe, unsubscribe: unsubscribe, initialVersions: [:]))
            ]
        }
    }

    /// Delta: drops a name and at once wants it again.
    mutating func dropAndWant(_ type: TypeURL, _ name: String) -> [DiscoveryRequest] {
        guard let before = names[type], before.contains(name) else { return [] }
        return want(type, before.subtracting([name])) + want(type, before)
    }
}

extension Set<String> {
    /// In an order of their own, as an Envoy lists names.
    fileprivate func shuffled(by type: TypeURL) -> [String] { sorted().reversed() }
}
