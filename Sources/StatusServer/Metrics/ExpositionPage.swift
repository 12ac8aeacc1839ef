/// One page of metrics put together from several, each in Prometheus' text format or in OpenMetrics.
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

    /// How it is written.
    package let format: ExpositionFormat
    /// The page so far.
    package private(set) var bytes: [UInt8] = []
    private var described: Set<[UInt8]> = []
    /// What was said of a metric whose values are to come.
    private var pending: ExpositionFamily?
    /// Metrics of the part that is being added.
    private var declared: Set<[UInt8]> = []

    /// An empty page.
    package init(_ format: ExpositionFormat = .text) { self.format = format }

    /// Adds a part.
    ///
    /// - Parameter isOpenMetrics: It is in that format.
    /// - Returns: How many lines were left out because no scraper could read them.
    package mutating func add(_ page: [UInt8], naming: Naming = .asTheyAre, isOpenMetrics: Bool = false) -> Int {
        bytes.reserveCapacity(bytes.count + page.count)
        return page.withUnsafeBufferPointer { buffer in
            declared = format.isOpenMetrics && !isOpenMetrics ? Self.names(in: buffer, naming) : []
            var malformed = 0
            Self.lines(of: buffer) { line in
                switch ExpositionLine(line) {
                case .nothing: break
                case .malformed: malformed += 1
                case .description(let keyword, let name, let text):
                    describe(keyword, Self.renamed(buffer[name], naming), buffer[text], isOpenMetrics)
                case .sample(let sample):
                    flush(isOpenMetrics)
                    add(sample, buffer, naming, isOpenMetrics)
                }
            }
            flush(isOpenMetrics)
            return malformed
        }
    }

    /// Ends the page, once.
    package mutating func finish() {
        if format.isOpenMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
    }

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private static func lines(of buffer: UnsafeBufferPointer<UInt8>, _ take: (Bytes) -> Void) {
        var start = buffer.startIndex
        while start < buffer.endIndex {
            let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) ?? buffer.endIndex
            take(buffer[start..<end])
            start = end + 1
        }
    }

    // MARK: - Descriptions

    /// All metrics that a page says something of.
    private static func names(in buffer: UnsafeBufferPointer<UInt8>, _ naming: Naming) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        lines(of: buffer) { line in
            guard line.first == UInt8(ascii: "#"),
                case .description(.type, let name, _) = ExpositionLine(line)
            else { return }
            names.insert(renamed(buffer[name], naming))
        }
        return names
    }

    private mutating func describe(
        _ keyword: ExpositionLine.Keyword, _ name: [UInt8], _ text: Bytes, _ isOpenMetrics: Bool
    ) {
        if pending?.name != name {
            flush(isOpenMetrics)
            pending = ExpositionFamily(name: name)
        }
        switch keyword {
        case .type: pending?.kind = String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }
        // What is no text becomes text.
        case .help: pending?.help = Array(String(decoding: text, as: UTF8.self).utf8)
        case .unit: pending?.unit = Array(String(decoding: text, as: UTF8.self).utf8)
        }
    }

    /// Writes what has been said of the next metric.
    private mutating func flush(_ isOpenMetrics: Bool) {
        guard var family = pending else { return }
        pending = nil
        let isText = !isOpenMetrics
        if format.isOpenMetrics == isText {
            family = family.translated(toOpenMetrics: isText) { declared.contains($0) || isDescribed(.type, $0) }
        }
        if let help = family.help { write(.help, "HELP", family.name, help) }
        if let kind = family.kind {
            let known = format.isOpenMetrics ? Self.openKinds : Self.textKinds
            let other = format.isOpenMetrics ? "unknown" : "untyped"
            write(.type, "TYPE", family.name, Array((known.contains(kind) ? kind : other).utf8))
        }
        if let unit = family.unit, format.isOpenMetrics { write(.unit, "UNIT", family.name, unit) }
    }

    private mutating func write(
        _ keyword: ExpositionLine.Keyword, _ word: String, _ name: [UInt8], _ text: [UInt8]
    ) {
        guard described.insert([keyword.rawValue] + name).inserted else { return }
        bytes.append(contentsOf: "# \(word) ".utf8)
        bytes.append(contentsOf: name)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\n"))
    }

    private func isDescribed(_ keyword: ExpositionLine.Keyword, _ name: [UInt8]) -> Bool {
        described.contains([keyword.rawValue] + name)
    }

    /// Scrapers refuse a page with any other.
    private static let textKinds: Set<String> = ["counter", "gauge", "histogram", "summary", "untyped"]
    private static let openKinds: Set<String> = [
        "counter", "gauge", "histogram", "summary", "unknown", "info", "stateset", "gaugehistogram",
    ]

    // MARK: - Values

    private mutating func add(
        _ sample: ExpositionLine.Sample, _ buffer: UnsafeBufferPointer<UInt8>, _ naming: Naming, _ isOpenMetrics: Bool
    ) {
        if case .asTheyAre = naming {
            bytes.append(contentsOf: buffer[sample.name])
        } else {
            bytes.append(contentsOf: Self.renamed(buffer[sample.name], naming))
        }
        add(buffer[sample.labels], arePlain: sample.hasPlainLabels)
        add(buffer[sample.value], at: sample.time.map { buffer[$0] }, isOpenMetrics)
        if let exemplar = sample.exemplar, format.isOpenMetrics, isOpenMetrics {
            bytes.append(contentsOf: " # ".utf8)
            add(buffer[exemplar.labels], arePlain: exemplar.hasPlainLabels)
            add(buffer[exemplar.value], at: exemplar.time.map { buffer[$0] }, isOpenMetrics)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func add(_ labels: Bytes, arePlain: Bool) {
        if arePlain || !format.isOpenMetrics { bytes.append(contentsOf: labels) } else { addPlain(labels) }
    }

    private mutating func add(_ value: Bytes, at moment: Bytes?, _ isOpenMetrics: Bool) {
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value)
        guard let moment, let text = time(moment, isOpenMetrics) else { return }
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: text)
    }

    /// Labels without spaces between them, and without a comma after the last.
    private mutating func addPlain(_ labels: Bytes) {
        var (isText, isEscaped) = (false, false)
        for octet in labels {
            if isText {
                bytes.append(octet)
                if isEscaped {
                    isEscaped = false
                } else {
                    isEscaped = octet == UInt8(ascii: "\\")
                    isText = octet != UInt8(ascii: "\"")
                }
            } else if octet != 32, octet != 9, octet != 13 {
                if octet == UInt8(ascii: "}"), bytes.last == UInt8(ascii: ",") { bytes.removeLast() }
                bytes.append(octet)
                isText = octet == UInt8(ascii: "\"")
            }
        }
    }

    /// A time as this page tells it: the text format in milliseconds, OpenMetrics in seconds. Nil: it is none.
    private func time(_ text: Bytes, _ isOpenMetrics: Bool) -> [UInt8]? {
        let number = String(decoding: text, as: UTF8.self)
        guard isOpenMetrics else {
            guard let milliseconds = Int64(number) else { return nil }
            guard format.isOpenMetrics else { return Array("\(milliseconds)".utf8) }
            let rest = String(milliseconds.magnitude % 1000)
            let zeros = String(repeating: "0", count: 3 - rest.count)
            return Array("\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1000).\(zeros)\(rest)".utf8)
        }
        guard let seconds = Double(number), let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
            return nil
        }
        return format.isOpenMetrics ? Array(text) : Array("\(milliseconds)".utf8)
    }

    private static func renamed(_ name: Bytes, _ naming: Naming) -> [UInt8] {
        switch naming {
        case .asTheyAre: Array(name)
        case .under(let prefix):
            name.starts(with: prefix.utf8) ? Array(name) : Array(prefix.utf8) + name
        }
    }
}
