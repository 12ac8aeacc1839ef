/// The type of content that scrapers take for such a page.
let expositionContentType = "text/plain; version=0.0.4; charset=utf-8"

/// One page of metrics put together from several, each in Prometheus' text format.
///
/// Of every metric there is one description, the first. Lines that a scraper could not read would cost it the whole page:
/// they are left out and counted.
package struct ExpositionPage: Sendable {
    /// How names of a part change.
    package enum Naming: Hashable, Sendable {
        case asTheyAre
        /// All begin with this, except those that do already.
        case under(prefix: String)
    }

    /// The page so far.
    package private(set) var bytes: [UInt8] = []
    private var described: Set<[UInt8]> = []

    package init() {}

    /// Adds a part.
    ///
    /// - Parameter isOpenMetrics: It is in that format: what this format does not have is left out.
    /// - Returns: How many lines were left out because no scraper could read them.
    package mutating func add(_ page: [UInt8], naming: Naming = .asTheyAre, isOpenMetrics: Bool = false) -> Int {
        bytes.reserveCapacity(bytes.count + page.count)
        return page.withUnsafeBufferPointer { buffer in
            var malformed = 0
            var start = buffer.startIndex
            while start < buffer.endIndex {
                let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) ?? buffer.endIndex
                let line = buffer[start..<end]
                start = end + 1
                switch ExpositionLine(line) {
                case .nothing: break
                case .malformed: malformed += 1
                case .description(let keyword, let name): describe(line, keyword, name, naming)
                case .sample(let name, let valueEnd, let timeEnd):
                    // OpenMetrics tells times in seconds.
                    add(buffer[name.upperBound..<(isOpenMetrics ? valueEnd : timeEnd)], named: buffer[name], naming)
                }
            }
            return malformed
        }
    }

    private mutating func describe(
        _ line: Bytes, _ keyword: ExpositionLine.Keyword, _ name: Range<Int>, _ naming: Naming
    ) {
        guard keyword != .unit else { return }
        let renamed = Self.renamed(line.base[name], naming)
        guard described.insert([keyword == .type ? 1 : 0] + renamed).inserted else { return }
        bytes.append(contentsOf: line[..<name.lowerBound])
        bytes.append(contentsOf: renamed)
        let rest = line[name.upperBound...]
        if keyword == .type {
            let kind = String(decoding: rest, as: UTF8.self).filter { !$0.isWhitespace }
            bytes.append(contentsOf: " \(Self.kinds.contains(kind) ? kind : "untyped")".utf8)
        } else {
            bytes.append(contentsOf: String(decoding: rest, as: UTF8.self).utf8)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func add(_ rest: Bytes, named name: Bytes, _ naming: Naming) {
        if case .asTheyAre = naming {
            bytes.append(contentsOf: name)
        } else {
            bytes.append(contentsOf: Self.renamed(name, naming))
        }
        bytes.append(contentsOf: rest)
        bytes.append(UInt8(ascii: "\n"))
    }

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    /// Scrapers refuse a page with any other.
    private static let kinds: Set<String> = ["counter", "gauge", "histogram", "summary", "untyped"]

    private static func renamed(_ name: Bytes, _ naming: Naming) -> [UInt8] {
        switch naming {
        case .asTheyAre: Array(name)
        case .under(let prefix):
            name.starts(with: prefix.utf8) ? Array(name) : Array(prefix.utf8) + name
        }
    }
}
