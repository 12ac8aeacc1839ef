import EnvoyTranslator
import XDSServer

/// Resources by what decides them, for as long as anybody has them: whoever plans the same shares the same bytes.
struct ResourceMemo {
    private struct Entry {
        weak var resource: PlannedResource?
    }

    private var entries: [Int: [Entry]] = [:]
    private var additions = 0
    private var sizeAfterSweep = 0
    /// How many resources were encoded, ever.
    private(set) var encoded: [TypeURL: Int] = [:]
    /// How often a resource was asked for that somebody had.
    private var hits = 0
    /// What could not be encoded since the last look.
    private var failures: [ResourceFailure] = []

    /// What was asked for, ever, and how much of it somebody has.
    var counts: CacheCounts { CacheCounts(hits: hits, misses: encoded.values.reduce(0, +), kept: count) }

    /// How many different resources somebody has.
    var count: Int { entries.values.reduce(0) { $0 + $1.count { $0.resource != nil } } }

    /// What somebody has.
    var all: [KeptResource] {
        entries.values.flatMap { $0.compactMap(\.resource) }.map {
            KeptResource(typeURL: $0.input.typeURL, name: $0.name, bytes: $0.resource.body.count)
        }
    }

    /// The resource of an input; nil if it cannot be encoded, which is noted.
    mutating func resource(for input: ResourceInput) -> PlannedResource? {
        let key = input.memoKey
        if let known = entries[key]?.lazy.compactMap(\.resource).first(where: { $0.input == input }) {
            hits += 1
            return known
        }
        let made: PlannedResource
        do {
            made = try PlannedResource(input)
        } catch {
            failures.append(ResourceFailure(typeURL: input.typeURL, name: input.name, problem: "\(error)"))
            return nil
        }
        encoded[TypeURL(rawValue: input.typeURL), default: 0] += 1
        entries[key, default: []].removeAll { $0.resource == nil }
        entries[key, default: []].append(Entry(resource: made))
        additions += 1
        if additions > max(1024, sizeAfterSweep) { sweep() }
        return made
    }

    mutating func takeFailures() -> [ResourceFailure] {
        defer { failures = [] }
        return failures
    }

    /// Forgets what nobody has any more.
    private mutating func sweep() {
        entries = entries.compactMapValues { list in
            let kept = list.filter { $0.resource != nil }
            return kept.isEmpty ? nil : kept
        }
        additions = 0
        sizeAfterSweep = entries.count
    }
}

/// A resource that could not be encoded, which no object of a user can cause.
package struct ResourceFailure: Hashable, Sendable {
    package var typeURL: String
    package var name: String
    package var problem: String
}

extension ResourceInput {
    /// Equal for equal inputs. Of endpoints it is the name alone: to hash them all costs more than to compare the few
    /// inputs of one name, which mostly share their storage.
    fileprivate var memoKey: Int {
        if case .loadAssignment(let input) = self { return input.clusterName.hashValue }
        return hashValue
    }
}
