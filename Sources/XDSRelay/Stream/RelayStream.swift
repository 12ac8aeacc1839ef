import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import XDSServer

/// What a relayed stream wants done.
enum RelayAction: Hashable, Sendable {
    case toProxy(RelayResponse)
    case toControlPlane(RelayRequest)
    /// The agent's own resources have come: all that there are, or changes.
    case own(RelayResponse, isWhole: Bool)
    /// The agent has something to do before the proxy may see a response; ``RelayStream/prepared(_:_:)`` tells the end.
    case prepare(Int, RelayResponse)
    /// Of a type that is prepared, the proxy wants these no more.
    case released(Set<String>)
}

/// A proxy's stream that goes on while its control plane comes and goes, without sockets.
///
/// ```
///   proxy ──requests──►  RelayStream  ──requests──► control plane, one connection after the other
///         ◄─responses──   what the proxy wants      ◄─responses──
///                         what it has acknowledged
/// ```
///
/// While the control plane is there, requests and answers pass through; nonces tell connections apart. Each new
/// connection is first told what the proxy has. While there is none, what the proxy asks for is answered from what it,
/// or the proxy before it, has acknowledged.
struct RelayStream: Sendable {
    let variant: ProtocolVariant
    /// Types that the agent follows itself on the proxy's connection.
    let ownTypes: [TypeURL]
    /// Types whose responses are prepared before the proxy sees them.
    let preparedTypes: Set<TypeURL>
    private(set) var node: Envoy_Config_Core_V3_Node?
    private(set) var types: [TypeURL: RelayedType] = [:]
    /// In the order in which the proxy asked first.
    private var order: [TypeURL] = []
    /// What a proxy before this one had.
    private var previous: KeptResources
    private var ownVersions: [TypeURL: [String: String]] = [:]
    /// How many connections there were.
    private var connections = 0
    private(set) var isConnected = false
    /// The control plane of this connection has said something.
    private(set) var hasHeard = false
    /// The proxy is answered from what is kept.
    private(set) var isOffline = false
    private var ownAnswers = 0
    private var preparations = Preparations()
    /// What the agent has asked for and was not answered yet, where answers come without names.
    private var questioned: [String]?
    /// What the agent says of the workload; nil: nothing.
    private var health: WorkloadHealth?

    init(
        variant: ProtocolVariant, ownTypes: [TypeURL] = [], preparedTypes: Set<TypeURL> = [],
        health: WorkloadHealth? = nil, previous: KeptResources = KeptResources()
    ) {
        self.health = health
        self.variant = variant
        self.ownTypes = ownTypes
        self.preparedTypes = preparedTypes
        self.previous = previous
    }

    /// Responses that the proxy has yet to answer.
    var inFlight: Int { types.values.reduce(preparations.count) { $0 + $1.inFlight.count } }

    // MARK: - The proxy

    /// A request of the proxy.
    mutating func receive(_ request: RelayRequest) -> [RelayAction] {
        guard request.variant == variant else { return [] }
        let isFirstOfAll = node == nil
        if let node = request.node { self.node = node }
        let typeURL = request.typeURL
        let isFirst = types[typeURL] == nil
        var type = types[typeURL] ?? RelayedType(request)
        if isFirst { order.append(typeURL) }
        let settled = type.settle(request)
        let before = type.names
        let news = type.want(request, isFirst: isFirst, isAnswer: settled != nil)
        let gone = preparedTypes.contains(typeURL) ? before.subtracting(type.names) : []
        let released: [RelayAction] = gone.isEmpty ? [] : [.released(gone)]
        if isFirst, let kept = previous[typeURL] { type.adopt(kept) }
        if settled?.origin != nil, settled?.response.typeURL.isNamed == false, request.error == nil {
            // The proxy has all there are of this control plane.
            previous[typeURL] = nil
        }
        types[typeURL] = type
        guard isConnected else { return released + (isOffline ? answer(news, of: typeURL) : []) }
        var actions = forward(request, settled, news)
        if isFirstOfAll { actions += askForOwn() + tellHealth() }
        return released + actions
    }

    private mutating func forward(
        _ request: RelayRequest, _ settled: RelayedType.InFlight?, _ news: RelayedType.News
    ) -> [RelayAction] {
        guard var type = types[request.typeURL] else { return [] }
        defer { types[request.typeURL] = type }
        if !type.isAsked {
            type.isAsked = true
            return [.toControlPlane(identified(type.initialRequest()))]
        }
        var passed = request
        passed.node = nil
        if let origin = settled?.origin, origin.connection == connections {
            passed.nonce = origin.nonce
            return [.toControlPlane(passed)]
        }
        passed.error = nil
        switch request.asked {
        case .whole(_, let names):
            // The answer that is to come says it.
            if type.inFlight.contains(where: { $0.origin?.connection == connections }) { return [] }
            if news.asksForNothing, !news.isLess { return [] }
            passed.nonce = type.lastNonce
            passed.asked = .whole(version: type.version, names: names)
        case .delta(let subscribe, let unsubscribe, _):
            if subscribe.isEmpty, unsubscribe.isEmpty { return [] }
            passed.nonce = ""
            passed.asked = .delta(subscribe: subscribe, unsubscribe: unsubscribe, initialVersions: [:])
        }
        return [.toControlPlane(passed)]
    }

    // MARK: - The control plane

    /// A connection to the control plane is there.
    mutating func connect() -> [RelayAction] {
        connections += 1
        isConnected = true
        isOffline = false
        hasHeard = false
        guard node != nil else { return [] }
        var requests: [RelayAction] = []
        for typeURL in order {
            guard var type = types[typeURL] else { continue }
            type.lastNonce = ""
            // A request without names would ask for all there are.
            type.isAsked = type.isWanted
            guard type.isAsked else {
                types[typeURL] = type
                continue
            }
            requests.append(.toControlPlane(identified(type.initialRequest(needed: needed(of: typeURL)))))
            types[typeURL] = type
        }
        return requests + askForOwn() + tellHealth()
    }

    /// Endpoints that the proxy waits for again: it acknowledges clusters when it has their endpoints anew, and asks for
    /// none that it has.
    private func needed(of typeURL: TypeURL) -> Set<String> {
        guard typeURL == .endpoint else { return [] }
        return types[.cluster]?.uncertain ?? []
    }

    /// The connection is gone.
    mutating func disconnect() {
        isConnected = false
        hasHeard = false
        preparations.forget()
        questioned = nil
        for typeURL in order { types[typeURL]?.isAsked = false }
    }

    /// A response of the control plane.
    mutating func receive(_ response: RelayResponse) -> [RelayAction] {
        guard isConnected else { return [] }
        hasHeard = true
        let typeURL = response.typeURL
        if ownTypes.contains(typeURL) { return take(response) }
        if Self.questions.contains(typeURL), types[typeURL] == nil { return takeAnswer(response) }
        if preparedTypes.contains(typeURL) { return [.prepare(preparations.begin(response), response)] }
        return pass(response)
    }

    /// A response has been prepared, or is refused. Responses stay in their order.
    mutating func prepared(_ number: Int, _ outcome: Result<RelayResponse, RelayRefusal>) -> [RelayAction] {
        var actions: [RelayAction] = []
        for (response, outcome) in preparations.end(number, outcome) {
            switch outcome {
            case .success(let prepared): actions += pass(prepared)
            case .failure(let refusal): actions += refuse(response, refusal)
            }
        }
        return actions
    }

    /// What an earlier response said, and could not be prepared then, is ready now. The control plane has been told that
    /// it was refused: it hears nothing of this.
    mutating func offer(_ response: RelayResponse) -> [RelayAction] {
        guard var type = types[response.typeURL] else { return [] }
        var offered = response
        offered.resources.removeAll { !type.isWildcard && !type.names.contains($0.name) }
        offered.removed.removeAll { !type.isWildcard && !type.names.contains($0) }
        guard !offered.names.isEmpty else { return [] }
        ownAnswers += 1
        offered.nonce = "again/\(ownAnswers)"
        type.send(offered, origin: nil)
        types[response.typeURL] = type
        return [.toProxy(offered)]
    }

    /// The names of a type that the proxy wants.
    func wanted(_ typeURL: TypeURL) -> Set<String> { types[typeURL]?.names ?? [] }

    /// Those of these names that the proxy does not want, or wants no more.
    func unwanted(_ names: [String], of typeURL: TypeURL) -> Set<String> {
        types[typeURL]?.isWildcard == true ? [] : Set(names).subtracting(wanted(typeURL))
    }

    /// The proxy never sees the response and keeps what it has.
    private mutating func refuse(_ response: RelayResponse, _ refusal: RelayRefusal) -> [RelayAction] {
        guard let type = types[response.typeURL] else { return [] }
        types[response.typeURL]?.lastNonce = response.nonce
        let asked: RelayRequest.Asked =
            switch variant {
            case .stateOfTheWorld: .whole(version: type.version, names: type.listed)
            case .delta: .delta(subscribe: [], unsubscribe: [], initialVersions: [:])
            }
        var request = RelayRequest(typeURL: response.typeURL, nonce: response.nonce, asked: asked)
        request.error = .with {
            $0.code = 3
            $0.message = refusal.reason
        }
        return [.toControlPlane(request)]
    }

    private mutating func pass(_ response: RelayResponse) -> [RelayAction] {
        let typeURL = response.typeURL
        guard var type = types[typeURL] else { return [] }
        var passed = response
        // Nonces of two connections may be the same.
        passed.nonce = "\(connections)/\(response.nonce)"
        type.lastNonce = response.nonce
        type.send(passed, origin: (response.nonce, connections))
        types[typeURL] = type
        return [.toProxy(passed)]
    }

    private mutating func take(_ response: RelayResponse) -> [RelayAction] {
        // The first answer is one to a request that tells of nothing.
        let isWhole = variant == .stateOfTheWorld || ownVersions[response.typeURL] == nil
        var versions = variant == .delta ? ownVersions[response.typeURL] ?? [:] : [:]
        for resource in response.resources { versions[resource.name] = resource.version }
        for name in response.removed { versions[name] = nil }
        ownVersions[response.typeURL] = versions
        let asked: RelayRequest.Asked =
            switch variant {
            case .stateOfTheWorld: .whole(version: response.version, names: [])
            case .delta: .delta(subscribe: [], unsubscribe: [], initialVersions: [:])
            }
        let answer = RelayRequest(typeURL: response.typeURL, nonce: response.nonce, asked: asked)
        return [.own(response, isWhole: isWhole), .toControlPlane(answer)]
    }

    // MARK: - Health of the workload

    /// The workload's health has changed; each control plane is told what it is now.
    mutating func report(_ health: WorkloadHealth) -> [RelayAction] {
        self.health = health
        // Who has not said who it is says nothing else.
        return isConnected && node != nil ? tellHealth() : []
    }

    /// Nobody answers this.
    private func tellHealth() -> [RelayAction] {
        guard let health else { return [] }
        let asked: RelayRequest.Asked =
            variant == .delta
            ? .delta(subscribe: [], unsubscribe: [], initialVersions: [:]) : .whole(version: "", names: [])
        var request = RelayRequest(typeURL: .health, asked: asked)
        if case .unhealthy(let problem) = health {
            request.error = .with {
                $0.code = 13
                $0.message = problem
            }
        }
        return [.toControlPlane(request)]
    }

    // MARK: - Questions of the agent

    /// What the agent asks for by name when it needs it, and does not follow.
    private static let questions: Set<TypeURL> = [.workloadAddress]

    /// Asks for resources of the agent's own, once. Nothing, as long as nobody is there who could answer: the control
    /// plane knows who asks once it has said something.
    ///
    /// Where answers come without the names that were asked for, there is one question at a time.
    mutating func ask(_ typeURL: TypeURL, names: [String]) -> [RelayAction] {
        guard isConnected, hasHeard, types[typeURL] == nil, !names.isEmpty else { return [] }
        switch variant {
        case .delta:
            let asked = RelayRequest.Asked.delta(subscribe: names, unsubscribe: [], initialVersions: [:])
            return [.toControlPlane(RelayRequest(typeURL: typeURL, asked: asked))]
        case .stateOfTheWorld:
            guard questioned == nil else { return [] }
            questioned = names
            return [.toControlPlane(RelayRequest(typeURL: typeURL, asked: .whole(version: "", names: names)))]
        }
    }

    /// A control plane that follows what it was asked for need not.
    private mutating func takeAnswer(_ response: RelayResponse) -> [RelayAction] {
        if variant == .stateOfTheWorld {
            guard let names = questioned else { return [] }
            questioned = nil
            return [.own(response.named(as: names), isWhole: false)]
        }
        let thanks = RelayRequest(
            typeURL: response.typeURL, nonce: response.nonce,
            asked: .delta(subscribe: [], unsubscribe: response.names, initialVersions: [:]))
        return [.own(response, isWhole: false), .toControlPlane(thanks)]
    }

    private func askForOwn() -> [RelayAction] {
        ownTypes.map { typeURL in
            let asked: RelayRequest.Asked =
                switch variant {
                case .stateOfTheWorld: .whole(version: "", names: [])
                case .delta: .delta(subscribe: [], unsubscribe: [], initialVersions: ownVersions[typeURL] ?? [:])
                }
            return .toControlPlane(identified(RelayRequest(typeURL: typeURL, asked: asked)))
        }
    }

    private func identified(_ request: RelayRequest) -> RelayRequest {
        var request = request
        request.node = node
        return request
    }

    // MARK: - Without a control plane

    /// There is something to tell a proxy that has been told nothing.
    var isStarving: Bool {
        !hasHeard && !previous.types.isEmpty && !types.isEmpty
            && types.values.allSatisfy { !$0.hasAcknowledged && $0.inFlight.isEmpty }
    }

    /// The control plane is not to be reached: the proxy is told what is kept of all it waits for.
    ///
    /// Never while there is a connection: the control plane would not know of what the proxy has.
    mutating func goOffline() -> [RelayAction] {
        guard !isConnected, !isOffline else { return [] }
        isOffline = true
        return order.flatMap { typeURL -> [RelayAction] in
            guard let type = types[typeURL], type.inFlight.isEmpty else { return [] }
            let names = type.unanswered.union(needed(of: typeURL).intersection(type.names))
            return answer(RelayedType.News(names: names, isWildcardNew: type.isWildcardUnanswered), of: typeURL)
        }
    }

    private mutating func answer(_ news: RelayedType.News, of typeURL: TypeURL) -> [RelayAction] {
        guard !news.asksForNothing, var type = types[typeURL] else { return [] }
        let kept = resources(of: type)
        var told = news.isWildcardNew ? kept : kept.filter { news.names.contains($0.key) }
        if variant == .stateOfTheWorld, !typeURL.isNamed {
            told = type.isWildcard ? kept : kept.filter { type.names.contains($0.key) }
        }
        // That there is none of a type is an answer, where it is known.
        let isKnown = previous[typeURL] != nil || type.hasAcknowledged
        guard !told.isEmpty || (news.isWildcardNew && isKnown) else { return [] }
        ownAnswers += 1
        let version = type.version.isEmpty ? previous[typeURL]?.version ?? "" : type.version
        let response = RelayResponse(
            typeURL: typeURL, nonce: "kept/\(ownAnswers)", version: version,
            resources: told.values.sorted { $0.name < $1.name })
        type.send(response, origin: nil)
        types[typeURL] = type
        return [.toProxy(response)]
    }

    /// What is known of a type: what this proxy has acknowledged, else what the one before had.
    private func resources(of type: RelayedType) -> [String: RelayResource] {
        let held = type.held.filter { !$0.value.resource.typeURL.isEmpty }
        return (previous[type.typeURL]?.resources ?? [:]).merging(held) { $1 }
    }

    // MARK: - The end

    /// The proxy has lived long enough to have asked for all it wants: the one before it is forgotten.
    mutating func forgetPrevious() { previous = KeptResources() }

    /// What the next proxy may be told.
    var kept: KeptResources {
        var kept = previous
        for type in types.values where type.hasAcknowledged || !type.held.isEmpty {
            kept[type.typeURL] = KeptResources.OfType(
                version: type.version.isEmpty ? previous[type.typeURL]?.version ?? "" : type.version,
                resources: resources(of: type))
        }
        return kept
    }
}
