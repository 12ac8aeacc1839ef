/// Finds one file in a tar archive as it comes.
struct ArchiveReader {
    private enum Stage {
        /// The next header is being gathered.
        case header
        /// So many bytes of a file, and of what fills its last block.
        case content(rest: Int, padding: Int, isWanted: Bool)
        case ended
    }

    private let isWanted: (String) -> Bool
    private var stage = Stage.header
    private var header: [UInt8] = []
    /// The wanted file is there as a whole.
    private(set) var hasFound = false

    private static let blockSize = 512

    /// - Parameter isWanted: Whether a file of this name is the one.
    init(isWanted: @escaping (String) -> Bool) { self.isWanted = isWanted }

    /// Takes bytes of the archive and gives those of the wanted file.
    mutating func take(
        _ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) throws(ModuleProblem) -> Void
    ) throws(ModuleProblem) {
        var rest = bytes
        while !rest.isEmpty, !hasFound {
            switch stage {
            case .ended: return
            case .header:
                let part = rest.prefix(Self.blockSize - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                guard header.count == Self.blockSize else { return }
                try begin()
                header = []
            case .content(let left, let padding, let isWanted):
                let part = rest.prefix(left)
                if isWanted, !part.isEmpty { try emit(part) }
                rest = rest.dropFirst(part.count)
                guard part.count == left else {
                    stage = .content(rest: left - part.count, padding: padding, isWanted: isWanted)
                    return
                }
                hasFound = isWanted
                let filling = rest.prefix(padding)
                rest = rest.dropFirst(filling.count)
                stage =
                    filling.count == padding
                    ? .header : .content(rest: 0, padding: padding - filling.count, isWanted: false)
            }
        }
    }

    private mutating func begin() throws(ModuleProblem) {
        if header.allSatisfy({ $0 == 0 }) {
            stage = .ended
            return
        }
        guard Self.number(header[148..<156]) == checksum, let size = Self.number(header[124..<136]) else {
            throw ModuleProblem("the archive is no tar archive")
        }
        let kind = header[156]
        let isFile = kind == 0 || kind == UInt8(ascii: "0")
        let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
        let isWanted = isFile && isWanted(name)
        let padding = (Self.blockSize - size % Self.blockSize) % Self.blockSize
        if size == 0 {
            stage = .header
        } else {
            stage = .content(rest: size, padding: padding, isWanted: isWanted)
        }
    }

    /// Of a header, with blanks where it has its checksum.
    private var checksum: Int {
        header.enumerated().reduce(0) { sum, item in
            sum + (148..<156 ~= item.offset ? Int(UInt8(ascii: " ")) : Int(item.element))
        }
    }

    /// In octal digits, or as GNU writes large ones: the bytes after one with its highest bit set.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            var value = Int(first & 0x7F)
            for octet in field.dropFirst() {
                guard value < 1 << 47 else { return nil }
                value = value << 8 | Int(octet)
            }
            return value
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
