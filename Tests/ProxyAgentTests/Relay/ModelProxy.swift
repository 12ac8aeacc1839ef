import DiscoveryAPI
import EnvoyAPI
import Foundation
import SwiftProtobuf
import XDSServer

@testable import XDSRelay

/// A proxy as far as ADS goes: all clusters and listeners, and the endpoints of the clusters it has.
struct ModelProxy {
    let variant: ProtocolVariant
    /// Names and versions of what it uses.
    private(set) var view: [TypeURL: [String: String]] = [:]
    /// What it has accepted ever, as `type name version`.
    private(set) var accepted: Set<String> = []
    private(set) var isFirst = true
    private var nonces: [TypeURL: String] = [:]
    private var versions: [TypeURL: String] = [:]
    private var endpoints: Set<String> = []
    private var asked: Set<TypeURL> = []
    /// Clusters that wait for their endpoints, and the answers that wait for them: in the delta protocol Envoy
    /// acknowledges clusters when they are warm.
    private var warming: Set<String> = []
    private var held: [RelayRequest] = []

    init(_ variant: ProtocolVariant) { self.variant = variant }

    /// What it says first.
    mutating func start() -> [RelayRequest] { [request(.cluster)] }

    /// Takes a response, and gives the answer to it with all that it makes the proxy ask.
    ///
    /// - Parameter appliesGood: Of a response that it refuses, it uses what is good.
    mutating func receive(_ response: RelayResponse, appliesGood: Bool) -> [RelayRequest] {
        let typeURL = response.typeURL
        let isBad = response.resources.contains { Self.version(of: $0).hasPrefix("bad") }
        var held = view[typeURL] ?? [:]
        let before = held
        if !isBad || appliesGood {
            if variant == .stateOfTheWorld, !typeURL.isNamed {
                let names = Set(response.resources.map(\.name))
                held = held.filter { names.contains($0.key) }
            }
            for resource in response.resources where !Self.version(of: resource).hasPrefix("bad") {
                held[resource.name] = Self.version(of: resource)
            }
            for name in response.removed { held[name] = nil }
            // Nobody in it watches others.
            if typeURL == .endpoint { held = held.filter { endpoints.contains($0.key) } }
        }
        view[typeURL] = held
        nonces[typeURL] = response.nonce
        if !isBad {
            versions[typeURL] = response.version
            for resource in response.resources { accepted.insert(Self.key(typeURL, resource)) }
        }
        var requests: [RelayRequest] = []
        var answer = request(typeURL)
        answer.nonce = response.nonce
        if isBad {
            answer.error = .with {
                $0.code = 13
                $0.message = "bad"
            }
        }
        if typeURL == .cluster, variant == .delta {
            warming.formUnion(held.filter { before[$0.key] != $0.value }.keys)
            warming.formIntersection(held.keys)
            if isBad || warming.isEmpty { requests.append(answer) } else { self.held.append(answer) }
        } else {
            requests.append(answer)
        }
        if typeURL == .endpoint { warming.subtract(response.names) }
        if warming.isEmpty {
            requests += self.held
            self.held = []
        }
        if typeURL == .cluster {
            requests += followClusters()
            if asked.insert(.listener).inserted { requests.append(request(.listener)) }
        }
        return requests
    }

    /// It needs endpoints again that it has, as for a cluster that is warmed anew.
    mutating func askAgain(_ names: [String]) -> [RelayRequest] {
        guard !endpoints.isEmpty, asked.contains(.endpoint) else { return [] }
        var request = request(.endpoint)
        if variant == .delta { request.asked = .delta(subscribe: names, unsubscribe: [], initialVersions: [:]) }
        return [request]
    }

    var endpointNames: [String] { endpoints.sorted() }

    static func key(_ typeURL: TypeURL, _ resource: RelayResource) -> String {
        "\(typeURL) \(resource.name) \(version(of: resource))"
    }

    /// The text in a resource that tests tell versions by.
    static func version(of resource: RelayResource) -> String {
        String(decoding: resource.resource.value.dropFirst(2 + resource.name.utf8.count + 2), as: UTF8.self)
    }

    private mutating func followClusters() -> [RelayRequest] {
        let wanted = Set((view[.cluster] ?? [:]).keys)
        let (new, gone) = (wanted.subtracting(endpoints), endpoints.subtracting(wanted))
        guard !new.isEmpty || !gone.isEmpty else { return [] }
        endpoints = wanted
        for name in gone { view[.endpoint]?[name] = nil }
        asked.insert(.endpoint)
        var request = request(.endpoint)
        if variant == .delta {
            request.asked = .delta(subscribe: new.sorted(), unsubscribe: gone.sorted(), initialVersions: [:])
        }
        return [request]
    }

    private mutating func request(_ typeURL: TypeURL) -> RelayRequest {
        asked.insert(typeURL)
        var request = RelayRequest(
            typeURL: typeURL, asked: .delta(subscribe: [], unsubscribe: [], initialVersions: [:]))
        if variant == .stateOfTheWorld {
            request.nonce = nonces[typeURL] ?? ""
            request.asked = .whole(
                version: versions[typeURL] ?? "", names: typeURL == .endpoint ? endpoints.sorted() : [])
        }
        if isFirst { request.node = .with { $0.id = "proxy" } }
        isFirst = false
        return request
    }
}

extension Resource {
    /// A resource of a model: its name as every kind has it, and a text.
    static func model(_ name: String, _ version: String) -> Resource {
        func field(_ number: UInt8, _ text: String) -> [UInt8] {
            [number << 3 | 2, UInt8(text.utf8.count)] + Array(text.utf8)
        }
        return Resource(name: name, body: field(1, name) + field(2, version))
    }
}
