import MeshTesting
import Testing

@testable import XDSServer

/// A server's stream and a client with a slow line between them, moved step by step at random; every response is held
/// to what the protocol promises.
struct Simulation {
    private var random: SeededGenerator
    private(set) var mesh: MeshModel
    private(set) var client: ModelClient
    private(set) var stream: ADSStream
    private(set) var snapshots: [TypeURL: ResourceSnapshot] = [:]
    private var upstream: [DiscoveryRequest] = []
    private var downstream: [DiscoveryResponse] = []
    private var now = ContinuousClock.now
    private var streams = 0
    private(set) var pushes = 0
    private(set) var problems: [String] = []
    private(set) var closed: CloseReason?

    // What a referee sees at the server's door.
    private var outstanding: [TypeURL: DiscoveryResponse] = [:]
    private var acknowledged: [TypeURL: [String: ResourceVersion]] = [:]
    private var refusedAlone: [TypeURL: [String: ResourceVersion]] = [:]
    /// Endpoints that have to come since their cluster was sent.
    private var stillToWarm: Set<String> = []
    private var refusedWhole: [TypeURL: ResourceVersion] = [:]
    private var mayRepeat: [TypeURL: Set<String>] = [:]
    /// State of the world: the names last asked for.
    private var named: [TypeURL: Set<String>] = [:]
    private var nonces: Set<String> = []

    init(seed: UInt64, variant: ProtocolVariant, allowsBad: Bool) {
        random = SeededGenerator(seed: seed)
        mesh = MeshModel(allowsBad: allowsBad, random: &random)
        client = ModelClient(
            variant, saysWildcard: Bool.random(using: &random), appliesPartly: Bool.random(using: &random))
        stream = ADSStream(id: "0", variant: variant, now: now)
        connect()
    }

    // MARK: - Steps

    /// One thing that happens.
    mutating func step(edits: Bool, losses: Bool) {
        switch Int.random(in: 0..<20, using: &random) {
        case 0, 1, 2: if edits { edit() }
        case 3: if losses, Int.random(in: 0..<4, using: &random) == 0 { connect() }
        case 4: if edits { wantSecrets() }
        case 5: if edits { rubbish() }
        case 6: advance(.milliseconds(20))
        case 7...12: deliverRequest()
        default: deliverResponse()
        }
    }

    /// Lets everything arrive, and time pass, until nothing moves any more. False: it never ends.
    mutating func settle() -> Bool {
        for _ in 0..<5000 {
            if !upstream.isEmpty {
                deliverRequest()
            } else if !downstream.isEmpty {
                deliverResponse()
            } else if let deadline = stream.nextDeadline, outstanding.isEmpty {
                now = max(now, deadline)
                perform(stream.tick(now: now))
            } else {
                return outstanding.isEmpty
            }
        }
        return false
    }

    mutating func edit() {
        for _ in 0..<Int.random(in: 1...3, using: &random) { mesh.edit(&random) }
        publish()
    }

    mutating func repair() {
        mesh.repair()
        publish()
    }

    /// Loses the stream, if there is one, with all that is on its way, and opens another.
    private mutating func connect() {
        streams += 1
        upstream = client.connect()
        downstream = []
        outstanding = [:]
        mayRepeat = [:]
        named = [:]
        refusedAlone = [:]
        stillToWarm = []
        refusedWhole = [:]
        acknowledged = [:]
        for type in MeshModel.types where client.variant == .delta {
            acknowledged[type] = client.recorded[type] ?? [:]
        }
        stream = ADSStream(id: "\(streams)", variant: client.variant, now: now)
        publish()
    }

    private mutating func publish() {
        for type in MeshModel.types {
            let resources = mesh.resources(type)
            let isFresh = Int.random(in: 0..<5, using: &random) == 0
            snapshots[type] =
                isFresh ? ResourceSnapshot(resources) : (snapshots[type] ?? .empty).replacing(with: resources)
        }
        for (type, refused) in refusedAlone {
            refusedAlone[type] = refused.filter { snapshots[type]?.version(of: $0.key) == $0.value }
        }
        perform(stream.publish(snapshots, now: now))
    }

    private mutating func advance(_ duration: Duration) {
        now += duration
        perform(stream.tick(now: now))
    }

    /// The client changes its mind about secrets.
    private mutating func wantSecrets() {
        let names = client.names[.secret] ?? []
        if client.variant == .delta, let name = names.sorted().first, Bool.random(using: &random) {
            upstream += client.dropAndWant(.secret, name)
        } else {
            let name = "s\(Int.random(in: 0..<8, using: &random))"
            upstream += client.want(.secret, names.symmetricDifference([name]))
        }
    }

    private mutating func rubbish() {
        let sent = outstanding.values.map(\.typeURL) + acknowledged.filter { !$0.value.isEmpty }.keys
        guard let type = sent.sorted().randomElement(using: &random) else { return }
        guard let state = stream.status.types.first(where: { $0.typeURL == type }), state.sent != nil else { return }
        let asked: DiscoveryRequest.Asked =
            switch client.variant {
            case .delta: .delta(subscribe: [], unsubscribe: [], initialVersions: ["c1": "rubbish"])
            case .stateOfTheWorld: .stateOfTheWorld(version: "?", names: (client.names[type] ?? []) + ["rubbish"])
            }
        let before = stream.counters[type]?.expiredNonces ?? 0
        perform(
            stream.receive(
                DiscoveryRequest(type, nonce: "rubbish", errorMessage: "rubbish", asked: asked), now: now))
        if stream.counters[type]?.expiredNonces != before + 1 { problems.append("a rubbish nonce was taken for real") }
    }

    private mutating func deliverRequest() {
        guard !upstream.isEmpty else { return }
        let request = upstream.removeFirst()
        noteRequest(request)
        perform(stream.receive(request, now: now))
    }

    private mutating func deliverResponse() {
        guard !downstream.isEmpty else { return }
        upstream += client.receive(downstream.removeFirst(), &random)
        checkReferences()
    }

    private mutating func perform(_ actions: [StreamAction]) {
        for action in actions {
            switch action {
            case .identified(let node): if node.id != "sidecar~1" { problems.append("wrong node \(node.id)") }
            case .send(let response):
                check(response)
                outstanding[response.typeURL] = response
                downstream.append(response)
                pushes += 1
            case .acknowledged(let answer): noteAnswer(answer, isRefusal: false)
            case .rejected(let rejection): noteAnswer(rejection.answer, isRefusal: true)
            case .close(let reason): closed = reason
            }
        }
    }

    // MARK: - The referee

    private mutating func noteRequest(_ request: DiscoveryRequest) {
        let type = request.typeURL
        switch request.asked {
        case .delta(let subscribe, let unsubscribe, _):
            mayRepeat[type, default: []].formUnion(subscribe)
            for name in subscribe + unsubscribe { refusedAlone[type]?[name] = nil }
            for name in unsubscribe { acknowledged[type]?[name] = nil }
        case .stateOfTheWorld(_, let names):
            guard type.isNamed else { return }
            let isAnswer = outstanding[type]?.nonce == request.nonce
            guard isAnswer || outstanding[type] == nil else {
                // Too late to count, but it tells that the client dropped names, if only for a while.
                mayRepeat[type, default: []].formUnion((named[type] ?? []).subtracting(names))
                return
            }
            let wanted = isAnswer ? Set(names).subtracting(named[type] ?? []) : Set(names)
            named[type] = Set(names)
            mayRepeat[type, default: []].formUnion(wanted)
            for name in wanted { refusedAlone[type]?[name] = nil }
        }
    }

    private mutating func noteAnswer(_ answer: Answer, isRefusal: Bool) {
        let type = answer.typeURL
        guard let response = outstanding[type], response.nonce == answer.nonce else {
            return problems.append("an answer to no response of \(type)")
        }
        outstanding[type] = nil
        let isPartial = client.variant == .delta || type.isNamed
        if let child = PushOrder.dependents(of: type), type != .cluster {
            mayRepeat[child, default: []].formUnion(response.resources.flatMap(\.dependents))
        }
        if isRefusal {
            mayRepeat[type, default: []].formUnion(response.resources.map(\.name) + response.removed)
            // Who refuses may still have applied a part: what it has is not known any more.
            if !isPartial { (refusedWhole[type], acknowledged[type]) = (response.version, [:]) }
            if isPartial, response.resources.count + response.removed.count == 1, let bad = response.resources.first,
                type != .endpoint || !stillToWarm.contains(bad.name)
            {
                refusedAlone[type, default: [:]][bad.name] = bad.version
            }
            return
        }
        if !isPartial { acknowledged[type] = [:] }
        for resource in response.resources { acknowledged[type, default: [:]][resource.name] = resource.version }
        for name in response.removed { acknowledged[type]?[name] = nil }
        if let named = named[type] { acknowledged[type] = acknowledged[type]?.filter { named.contains($0.key) } }
    }

    private mutating func check(_ response: DiscoveryResponse) {
        let type = response.typeURL
        if type == .cluster {
            let warmed = Set(response.resources.flatMap(\.dependents))
            mayRepeat[.endpoint, default: []].formUnion(warmed)
            stillToWarm.formUnion(warmed)
            refusedAlone[.endpoint] = refusedAlone[.endpoint]?.filter { !warmed.contains($0.key) }
        }
        let known = acknowledged[type] ?? [:]
        if type == .endpoint { stillToWarm.subtract(response.resources.map(\.name)) }
        if outstanding[type] != nil { problems.append("two unacknowledged of \(type)") }
        if !nonces.insert(response.nonce).inserted { problems.append("nonce \(response.nonce) twice") }
        if response.resources.map(\.name) != Set(response.resources.map(\.name)).sorted() {
            problems.append("resources of \(type) out of order or twice")
        }
        if client.variant == .stateOfTheWorld, !response.removed.isEmpty { problems.append("removals in SotW") }
        if client.variant == .stateOfTheWorld, !type.isNamed {
            let content = Dictionary(response.resources.map { ($0.name, $0.version) }) { $1 }
            if content == known, !known.isEmpty { problems.append("\(type): what it has, again") }
            if refusedWhole[type] == response.version { problems.append("\(type): what it refused, again") }
        } else {
            for resource in response.resources {
                let isRepeat = known[resource.name] == resource.version
                if isRepeat, mayRepeat[type]?.contains(resource.name) != true {
                    problems.append("\(type) \(resource.name): what it has, again")
                }
                if refusedAlone[type]?[resource.name] == resource.version {
                    problems.append("\(type) \(resource.name): what it refused, again")
                }
            }
        }
        mayRepeat[type]?.subtract(response.resources.map(\.name))
        checkOrder(response)
    }

    private mutating func checkOrder(_ response: DiscoveryResponse) {
        guard let rank = PushOrder.rank(of: response.typeURL) else { return }
        for type in outstanding.keys where PushOrder.rank(of: type).map({ $0 < rank }) ?? false {
            // Without these the client never answers.
            if type == .cluster, [.endpoint, .secret].contains(response.typeURL) { continue }
            problems.append("\(response.typeURL) before the answer for \(type)")
        }
        let removesClusters = response.removed.contains { acknowledged[.cluster]?[$0] != nil }
        if response.typeURL == .cluster, removesClusters {
            for type in [TypeURL.listener, .route] where outstanding[type] != nil {
                problems.append("clusters taken away before the answer for \(type)")
            }
        }
    }

    /// No route in use goes to a cluster the client does not have.
    private mutating func checkReferences() {
        // A state-of-the-world client does not tell a new stream which clusters it still has.
        if client.variant == .stateOfTheWorld, streams > 1 { return }
        // Nor can one get a good cluster that comes with a bad one, if it refuses both.
        if client.variant == .stateOfTheWorld, !client.appliesPartly, !mesh.everBad.isEmpty { return }
        let clusters = client.held[.cluster] ?? [:]
        for listener in (client.held[.listener] ?? [:]).values {
            for route in MeshModel.references(in: listener) {
                for cluster in MeshModel.references(in: client.held[.route]?[route] ?? [])
                where clusters[cluster] == nil && mesh.everBad[.cluster]?.contains(cluster) != true {
                    problems.append("route \(route) goes to \(cluster), which is not there")
                }
            }
        }
    }
}
