/// Responses that are being prepared, in the order in which they came.
struct Preparations: Sendable {
    private struct Entry {
        var number: Int
        var response: RelayResponse
        var outcome: Result<RelayResponse, RelayRefusal>?
    }

    private var entries: [Entry] = []
    private var last = 0

    var count: Int { entries.count }

    mutating func begin(_ response: RelayResponse) -> Int {
        last += 1
        entries.append(Entry(number: last, response: response))
        return last
    }

    /// Gives those that nothing before them has to be waited for, as they came and as they became.
    mutating func end(
        _ number: Int, _ outcome: Result<RelayResponse, RelayRefusal>
    ) -> [(RelayResponse, Result<RelayResponse, RelayRefusal>)] {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return [] }
        entries[index].outcome = outcome
        var ended: [(RelayResponse, Result<RelayResponse, RelayRefusal>)] = []
        while let first = entries.first, let outcome = first.outcome {
            ended.append((first.response, outcome))
            entries.removeFirst()
        }
        return ended
    }

    /// The connection that they came by is gone.
    mutating func forget() { entries = [] }
}
