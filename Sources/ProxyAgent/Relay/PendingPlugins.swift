import DiscoveryAPI
import XDSServer

/// Plug-ins whose modules could not be had, as the control plane sent them last: they are tried again until they can be,
/// or the control plane says something else.
///
/// ```
///  response ─ begin ─► prepared ─ note ─┬─ refused, or open without its module ─► pending ─ question ─► prepared ─┐
///                                       └─ all is there: nothing to be done          ▲                           take
///                                                                                    └── still not ──────────────┴─► proxy
/// ```
struct PendingPlugins: Sendable {
    /// What is tried again.
    struct Question: Sendable {
        var response: RelayResponse
        /// What it is about may have changed since.
        var generation: Int
    }

    private var resources: [String: RelayResource] = [:]
    private var removed: Set<String> = []
    /// Of those, what the proxy already lets everything pass for.
    private var open: Set<String> = []
    private var version = ""
    private var generation = 0
    private var last = 0
    /// The last response that a name came in.
    private var latest: [String: Int] = [:]
    /// In a row.
    private(set) var failures = 0

    var isEmpty: Bool { resources.isEmpty && removed.isEmpty }

    /// A response has come: what it says counts, and nothing before it. Gives its number.
    mutating func begin(_ response: RelayResponse) -> Int {
        last += 1
        for name in response.names { latest[name] = last }
        drop(response.names)
        return last
    }

    /// What has become of a response.
    mutating func note(_ number: Int, _ given: RelayResponse, _ outcome: Result<RelayResponse, RelayRefusal>) {
        let counts = Set(given.names.filter { latest[$0] == number })
        let isRefused: Bool
        var names: Set<String> = []
        switch outcome {
        case .success(let prepared):
            isRefused = false
            names = Set(prepared.resources.filter(PluginPreparation.isOpen).map(\.name))
        case .failure(let refusal):
            isRefused = true
            // What nothing but another configuration changes is not tried again.
            if refusal.mayPass { names = Set(given.names) }
        }
        names.formIntersection(counts)
        for resource in given.resources where names.contains(resource.name) { resources[resource.name] = resource }
        if isRefused {
            removed.formUnion(given.removed.filter(names.contains))
        } else {
            open.formUnion(names)
        }
        for name in given.removed where !isRefused { latest[name] = nil }
        if !names.isEmpty {
            version = given.version
            generation += 1
            failures = 0
        }
    }

    /// The proxy wants these no more.
    mutating func forget(_ names: Set<String>) {
        drop(names)
        for name in names { latest[name] = nil }
    }

    private mutating func drop(_ names: some Sequence<String>) {
        for name in names {
            resources[name] = nil
            removed.remove(name)
            open.remove(name)
        }
        generation += 1
    }

    /// What is to be tried again now; nil: nothing.
    var question: Question? {
        if isEmpty { return nil }
        return Question(
            response: RelayResponse(
                typeURL: .extensionConfig, nonce: "", version: version,
                resources: resources.values.sorted { $0.name < $1.name }, removed: removed.sorted()),
            generation: generation)
    }

    /// Takes how a try has ended; gives what the proxy is told now, if it is told something.
    mutating func take(_ asked: Question, _ outcome: Result<RelayResponse, RelayRefusal>) -> RelayResponse? {
        guard asked.generation == generation else { return nil }
        guard case .success(var prepared) = outcome else {
            failures += 1
            return nil
        }
        let stillOpen = Set(prepared.resources.filter(PluginPreparation.isOpen).map(\.name))
        prepared.resources.removeAll { stillOpen.contains($0.name) && open.contains($0.name) }
        resources = resources.filter { stillOpen.contains($0.key) }
        open = stillOpen
        removed = []
        failures = resources.isEmpty ? 0 : failures + 1
        return prepared.names.isEmpty ? nil : prepared
    }
}
