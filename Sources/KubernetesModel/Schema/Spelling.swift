/// Which known word a person probably meant.
package enum Spelling {
    /// The known word nearest to an unknown one, or nil if none is near enough to be meant.
    ///
    /// Words that differ only in case, `-` or `_` are nearest. Otherwise up to a third of the word's letters (at
    /// least one, at most three) may be wrong, missing, surplus or swapped. At equal distance the first in
    /// alphabetical order wins.
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let letters = plain(word)
        guard !letters.isEmpty, letters.count <= 64 else { return nil }
        let limit = max(1, min(3, letters.count / 3))
        let candidates = known.map { (distance: distance(letters, plain($0)), word: $0) }
        return candidates.filter { $0.distance <= limit }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    private static func plain(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    }

    /// How many letters have to be put in, left out, replaced, or swapped with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...max(1, left.count) where row <= left.count {
            var current = [row]
            current.reserveCapacity(right.count + 1)
            for column in stride(from: 1, through: right.count, by: 1) {
                let isSame = left[row - 1] == right[column - 1]
                var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
