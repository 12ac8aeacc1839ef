import AgentRuntime

/// Finds a module in bytes as they come: as it is, in a tar archive, and either of them compressed.
///
/// ```
///  bytes ─► gzip? ─► tar? ─► module
/// ```
struct ModuleExtractor {
    /// Which file of an archive is the module.
    enum Wanted: Hashable, Sendable {
        /// `plugin.wasm`, as images have it.
        case plugin
        /// Any that ends in `.wasm`.
        case any

        func includes(_ name: String) -> Bool {
            switch self {
            case .plugin: name == "plugin.wasm" || name.hasSuffix("/plugin.wasm")
            case .any: name.hasSuffix(".wasm")
            }
        }
    }

    private enum Container {
        case unknown
        case none
        case gzip(Inflater)
    }

    private enum Content {
        case unknown
        case module
        case archive(ArchiveReader)
    }

    private let wanted: Wanted
    /// The most that compressed data may hold: what is smaller by a thousand times is meant to fill disks.
    private let limit: Int
    private var container = Container.unknown
    private var content = Content.unknown
    private var start: [UInt8] = []
    private var contentStart: [UInt8] = []
    private var inflated = 0

    static let magic: [UInt8] = [0, UInt8(ascii: "a"), UInt8(ascii: "s"), UInt8(ascii: "m")]

    init(_ wanted: Wanted, limit: Int) {
        self.wanted = wanted
        self.limit = limit
    }

    /// Takes bytes and gives those of the module.
    mutating func take(
        _ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) throws(ModuleProblem) -> Void
    ) throws(ModuleProblem) {
        switch container {
        case .unknown:
            start += bytes
            guard start.count >= 2 else { return }
            let isCompressed = start[0] == 0x1F && start[1] == 0x8B
            container = isCompressed ? .gzip(try Self.inflater()) : .none
            let all = start[...]
            start = []
            try take(all, emit)
        case .none: try takeContent(bytes, emit)
        case .gzip(let inflater):
            if hasFound { return }
            let isWhole = try inflater.take(bytes) { part throws(ModuleProblem) in
                inflated += part.count
                guard inflated <= limit else { throw ModuleProblem("it holds more than \(limit) bytes") }
                try takeContent(part, emit)
            }
            guard isWhole else { throw ModuleProblem("the compressed data is broken") }
        }
    }

    private static func inflater() throws(ModuleProblem) -> Inflater {
        guard let inflater = Inflater() else { throw ModuleProblem("zlib cannot be used") }
        return inflater
    }

    private mutating func takeContent(
        _ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) throws(ModuleProblem) -> Void
    ) throws(ModuleProblem) {
        switch content {
        case .unknown:
            contentStart += bytes
            guard contentStart.count >= Self.magic.count else { return }
            let isModule = Array(contentStart.prefix(Self.magic.count)) == Self.magic
            content = isModule ? .module : .archive(ArchiveReader { [wanted] in wanted.includes($0) })
            let all = contentStart[...]
            contentStart = []
            try takeContent(all, emit)
        case .module: try emit(bytes)
        case .archive(var reader):
            defer { content = .archive(reader) }
            try reader.take(bytes, emit)
        }
    }

    private var hasFound: Bool { if case .archive(let reader) = content { reader.hasFound } else { false } }

    /// Everything has been taken. False: there is an archive without a module.
    func finish() throws(ModuleProblem) -> Bool {
        if case .gzip(let inflater) = container, !inflater.hasEnded, !hasFound {
            throw ModuleProblem("the compressed data ends too early", .passing)
        }
        switch content {
        case .module: return true
        case .archive(let reader): return reader.hasFound
        case .unknown: throw ModuleProblem("there is nothing in it")
        }
    }
}
