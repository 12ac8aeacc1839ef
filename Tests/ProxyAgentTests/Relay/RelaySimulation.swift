import DiscoveryAPI
import EnvoyAPI
import Foundation
import MeshTesting
import SwiftProtobuf
import Testing
import XDSServer

@testable import XDSRelay

/// A proxy, a relay and a control plane, with everything on the way in queues, and whatever may happen in any order.
struct RelaySimulation {
    var random: SeededGenerator
    let variant: ProtocolVariant
    var relay: RelayStream
    var proxy: ModelProxy
    var controlPlane: ADSStream?
    var snapshots: [TypeURL: ResourceSnapshot] = [.cluster: .empty, .endpoint: .empty, .listener: .empty]
    var now = ContinuousClock.now
    var toRelay: [RelayRequest] = []
    var toProxy: [RelayResponse] = []
    var toControlPlane: [RelayRequest] = []
    var fromControlPlane: [RelayResponse] = []
    /// What the agent has yet to finish, of connections that may be gone.
    var preparing: [(number: Int, response: RelayResponse)] = []
    var streams = 0
    var edits = 0
    /// Accepted by any of the proxies there were.
    var accepted: Set<String> = []
    /// What the control plane has sent in full, of each connection.
    var sentResources = 0

    init(seed: UInt64, _ variant: ProtocolVariant) {
        random = SeededGenerator(seed: seed)
        self.variant = variant
        relay = RelayStream(variant: variant, preparedTypes: Self.preparedTypes)
        proxy = ModelProxy(variant)
        toRelay = proxy.start()
    }

    private static let preparedTypes: Set<TypeURL> = [.endpoint]

    // MARK: - What happens

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: deliverRequest()
        case 20..<35: deliverResponse()
        case 35..<40: finishPreparation(mayRefuse: true)
        case 40..<60: deliverToControlPlane()
        case 60..<80: deliverFromControlPlane()
        case 80..<90: edit()
        case 90..<92: drop()
        case 92..<96: connect()
        case 96: apply(relay.goOffline())
        case 97: askAgain()
        case 98: restartProxy()
        default: tick(.seconds(3))
        }
    }

    mutating func edit(isGood: Bool = false) {
        edits += 1
        let name = "c\(Int.random(in: 0..<5, using: &random))"
        let isBad = !isGood && Int.random(in: 0..<10, using: &random) == 0
        let version = isBad ? "bad\(edits)" : "v\(edits)"
        switch Int.random(in: 0..<6, using: &random) {
        case 0: change(.cluster, removing: name)
        case 1: change(.cluster, .model(name, version))
        case 2: change(.listener, .model("l\(name)", version))
        case 3: change(.listener, removing: "l\(name)")
        default: change(.endpoint, .model(name, version))
        }
    }

    mutating func change(_ typeURL: TypeURL, _ given: Resource? = nil, removing name: String? = nil) {
        // A cluster is warmed with endpoints of its name.
        let resource = given.map {
            Resource(name: $0.name, body: $0.body, dependents: typeURL == .cluster ? [$0.name] : [])
        }
        let snapshot = snapshots[typeURL] ?? .empty
        snapshots[typeURL] = snapshot.applying(
            updates: resource.map { [$0] } ?? [], removals: name.map { [$0] } ?? [])
        // A cluster has endpoints, always.
        if typeURL == .cluster, let resource, snapshots[.endpoint]?[resource.name] == nil {
            change(.endpoint, .model(resource.name, "v\(edits)"))
        }
        if controlPlane != nil { publish() }
    }

    mutating func publish() {
        if let actions = controlPlane?.publish(snapshots, now: now) { take(actions) }
    }

    mutating func connect() {
        guard controlPlane == nil else { return }
        streams += 1
        var limits = StreamLimits()
        limits.requestBurst = 1e9
        controlPlane = ADSStream(id: "s\(streams % 2)", variant: variant, limits: limits, now: now)
        publish()
        apply(relay.connect())
    }

    mutating func drop() {
        controlPlane = nil
        toControlPlane = []
        fromControlPlane = []
        relay.disconnect()
    }

    /// A proxy dies, and a new one knows nothing.
    mutating func restartProxy() {
        drop()
        let kept = relay.kept
        accepted.formUnion(proxy.accepted)
        for (typeURL, type) in kept.types {
            for resource in type.resources.values {
                #expect(accepted.contains(ModelProxy.key(typeURL, resource)), "kept, but never accepted: \(resource)")
            }
        }
        relay = RelayStream(variant: variant, preparedTypes: Self.preparedTypes, previous: kept)
        preparing = []
        proxy = ModelProxy(variant)
        toProxy = []
        toRelay = proxy.start()
        if Bool.random(using: &random) { proveLastGood(kept) }
    }

    /// Without a control plane the new proxy comes to have what was kept.
    mutating func proveLastGood(_ kept: KeptResources) {
        apply(relay.goOffline())
        while !toRelay.isEmpty || !toProxy.isEmpty {
            deliverRequest()
            deliverResponse()
        }
        for typeURL in [TypeURL.cluster, .listener] {
            let expected = (kept[typeURL]?.resources ?? [:]).mapValues(ModelProxy.version)
            if !expected.isEmpty, typeURL == .cluster || proxy.view[.cluster]?.isEmpty == false {
                #expect(proxy.view[typeURL] == expected)
            }
        }
        for name in (proxy.view[.cluster] ?? [:]).keys {
            let expected = kept[.endpoint]?.resources[name].map(ModelProxy.version)
            #expect(proxy.view[.endpoint]?[name] == expected)
        }
    }

    mutating func askAgain() {
        guard let name = proxy.endpointNames.randomElement(using: &random) else { return }
        toRelay += proxy.askAgain([name])
    }

    mutating func tick(_ duration: Duration) {
        now += duration
        if let actions = controlPlane?.tick(now: now) { take(actions) }
    }

    // MARK: - Messages

    mutating func deliverRequest() {
        if !toRelay.isEmpty { apply(relay.receive(toRelay.removeFirst())) }
    }

    mutating func deliverResponse() {
        guard !toProxy.isEmpty else { return }
        toRelay += proxy.receive(toProxy.removeFirst(), appliesGood: Bool.random(using: &random))
    }

    mutating func deliverToControlPlane() {
        guard !toControlPlane.isEmpty else { return }
        let request = toControlPlane.removeFirst()
        let asked: DiscoveryRequest.Asked =
            switch request.asked {
            case .whole(let version, let names): .stateOfTheWorld(version: version, names: names)
            case .delta(let subscribe, let unsubscribe, let versions):
                .delta(subscribe: subscribe, unsubscribe: unsubscribe, initialVersions: versions)
            }
        let translated = DiscoveryRequest(
            request.typeURL, nonce: request.nonce, errorMessage: request.error?.message,
            node: request.node.map { ClientNode(id: $0.id) }, asked: asked)
        if let actions = controlPlane?.receive(translated, now: now) { take(actions) }
    }

    mutating func deliverFromControlPlane() {
        if !fromControlPlane.isEmpty { apply(relay.receive(fromControlPlane.removeFirst())) }
    }

    /// The agent finishes with something, not in the order in which it came.
    mutating func finishPreparation(mayRefuse: Bool = false) {
        guard let index = preparing.indices.randomElement(using: &random) else { return }
        let (number, response) = preparing.remove(at: index)
        let isRefused = mayRefuse && Int.random(in: 0..<8, using: &random) == 0
        apply(relay.prepared(number, isRefused ? .failure(RelayRefusal(reason: "no")) : .success(response)))
    }

    private mutating func take(_ actions: [StreamAction]) {
        for action in actions {
            switch action {
            case .send(let response):
                sentResources += response.resources.count
                fromControlPlane.append(RelayResponse(response, variant))
            case .close(let reason): Issue.record("the control plane closes: \(reason)")
            case .identified, .acknowledged, .rejected: break
            }
        }
    }

    private mutating func apply(_ actions: [RelayAction]) {
        for action in actions {
            switch action {
            case .toProxy(let response): toProxy.append(response)
            case .toControlPlane(let request): toControlPlane.append(request)
            case .own, .released: break
            case .prepare(let number, let response): preparing.append((number, response))
            }
        }
    }

    private var isQuiet: Bool {
        toRelay.isEmpty && toProxy.isEmpty && toControlPlane.isEmpty && fromControlPlane.isEmpty && preparing.isEmpty
    }

    /// Lets everything arrive, until nobody has anything to say.
    mutating func settle() {
        connect()
        for _ in 0..<50 {
            while !isQuiet {
                finishPreparation()
                deliverRequest()
                deliverToControlPlane()
                deliverFromControlPlane()
                deliverResponse()
            }
            tick(.seconds(3))
        }
    }

    /// Makes everything good again.
    mutating func repair() {
        edits += 1
        for (typeURL, snapshot) in snapshots {
            for resource in snapshot.resources { change(typeURL, .model(resource.name, "v\(edits)")) }
        }
    }

    /// What the proxy should have.
    func expected(_ typeURL: TypeURL) -> [String: String] {
        var result: [String: String] = [:]
        for resource in snapshots[typeURL]?.resources ?? [] {
            if typeURL == .endpoint, snapshots[.cluster]?[resource.name] == nil { continue }
            result[resource.name] = String(
                decoding: resource.body.dropFirst(2 + resource.name.utf8.count + 2), as: UTF8.self)
        }
        return result
    }

    func expectConverged(_ comment: Comment) {
        for typeURL in [TypeURL.cluster, .endpoint, .listener] {
            #expect(proxy.view[typeURL] ?? [:] == expected(typeURL), "\(comment) \(typeURL)")
        }
    }
}

extension RelayResponse {
    /// As it comes over the wire.
    init(_ response: DiscoveryResponse, _ variant: ProtocolVariant) {
        let resources = response.resources.map { resource in
            let body = Google_Protobuf_Any.with {
                $0.typeURL = response.typeURL.rawValue
                $0.value = Data(resource.body)
            }
            return RelayResource.with {
                $0.name = ResourceName.read(body.value) ?? ""
                $0.version = "\(variant == .delta ? resource.version : response.version)"
                $0.resource = body
            }
        }
        self.init(
            typeURL: response.typeURL, nonce: response.nonce, version: "\(response.version)", resources: resources,
            removed: response.removed)
    }
}
