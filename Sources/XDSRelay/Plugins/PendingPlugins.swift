import DiscoveryAPI
import XDSServer

/// Plug-ins whose modules could not be had, as the control plane sent them last: they are tried again until they can be,
/// or the control plane says something else. None waits for another one that it has nothing to do with.
///
/// ```
///  response ─ begin ─► prepared ─ note ─┬─ refused as a whole ────► one entry  ─┐
///                                       ├─ open without a module ─► one each   ─┴─ ask ─► prepared ─┐
///                                       └─ all is there: nothing to be done      ▲                 take
///                                                                                └── still not ─────┴─► proxy
/// ```
struct PendingPlugins: Sendable {
    /// What is tried again, by itself.
    struct Question: Sendable {
        var response: RelayResponse
        /// Of the entry; what it is about may have changed since.
        var number: Int
    }

    /// What is tried again together: one plug-in, or what still counts of a response that was refused.
    private struct Entry {
        /// Another one after each change.
        var number: Int
        var response: RelayResponse
        /// The proxy already lets everything pass for it.
        var isOpen: Bool
        /// In a row.
        var failures: Int
        /// It has been asked for, and not been taken yet.
        var isUnderWay = false
    }

    private var entries: [Entry] = []
    private var lastEntry = 0
    private var lastResponse = 0
    /// The last response that a name came in.
    private var latest: [String: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }

    /// How often in a row it has failed at least, of what waits for another try; nil: nothing waits.
    var failures: Int? { entries.filter { !$0.isUnderWay }.map(\.failures).min() }

    /// A response has come: what it says counts, and nothing before it. Gives its number.
    mutating func begin(_ response: RelayResponse) -> Int {
        lastResponse += 1
        for name in response.names { latest[name] = lastResponse }
        drop(Set(response.names))
        return lastResponse
    }

    /// What has become of a response.
    mutating func note(_ number: Int, _ given: RelayResponse, _ outcome: Result<RelayResponse, RelayRefusal>) {
        let counts = Set(given.names.filter { latest[$0] == number })
        switch outcome {
        case .success(let prepared):
            add(given, only: Self.open(prepared).intersection(counts), failures: 0)
            for name in given.removed where counts.contains(name) { latest[name] = nil }
        case .failure(let refusal):
            // What nothing but another configuration changes is not tried again.
            guard refusal.mayPass, !counts.isEmpty else { return }
            let resources = given.resources.filter { counts.contains($0.name) }
            add(resources, removed: given.removed.filter(counts.contains), version: given.version)
        }
    }

    /// The proxy wants these no more.
    mutating func forget(_ names: Set<String>) {
        drop(names)
        for name in names { latest[name] = nil }
    }

    /// What is to be tried again now, each by itself; it is under way until it is taken.
    mutating func ask() -> [Question] {
        var questions: [Question] = []
        for index in entries.indices where !entries[index].isUnderWay {
            entries[index].isUnderWay = true
            questions.append(Question(response: entries[index].response, number: entries[index].number))
        }
        return questions
    }

    /// Takes how a try has ended; gives what the proxy is told now, if it is told something.
    mutating func take(_ asked: Question, _ outcome: Result<RelayResponse, RelayRefusal>) -> RelayResponse? {
        guard let index = entries.firstIndex(where: { $0.number == asked.number }) else { return nil }
        guard case .success(var prepared) = outcome else {
            entries[index].isUnderWay = false
            entries[index].failures += 1
            return nil
        }
        let entry = entries.remove(at: index)
        let stillOpen = Self.open(prepared)
        add(entry.response, only: stillOpen, failures: entry.failures + 1)
        if entry.isOpen { prepared.resources.removeAll { stillOpen.contains($0.name) } }
        return prepared.names.isEmpty ? nil : prepared
    }

    /// The names of plug-ins that everything passes by.
    private static func open(_ prepared: RelayResponse) -> Set<String> {
        Set(prepared.resources.filter(PluginPreparation.isOpen).map(\.name))
    }

    /// Adds some of a response's plug-ins, which the proxy lets everything pass for.
    private mutating func add(_ given: RelayResponse, only names: Set<String>, failures: Int) {
        for resource in given.resources where names.contains(resource.name) {
            add([resource], version: given.version, isOpen: true, failures: failures)
        }
    }

    private mutating func add(
        _ resources: [RelayResource], removed: [String] = [], version: String, isOpen: Bool = false, failures: Int = 0
    ) {
        lastEntry += 1
        let response = RelayResponse(
            typeURL: .extensionConfig, nonce: "", version: version, resources: resources, removed: removed)
        entries.append(Entry(number: lastEntry, response: response, isOpen: isOpen, failures: failures))
    }

    private mutating func drop(_ names: Set<String>) {
        for index in entries.indices where !names.isDisjoint(with: entries[index].response.names) {
            entries[index].response.resources.removeAll { names.contains($0.name) }
            entries[index].response.removed.removeAll { names.contains($0) }
            lastEntry += 1
            entries[index].number = lastEntry
            entries[index].isUnderWay = false
        }
        entries.removeAll { $0.response.names.isEmpty }
    }
}
