/// Writes protobuf fields of numbers below 16 into memory that is large enough: ``Size`` says how large.
struct ProtobufWriter {
    /// How many bytes fields take.
    enum Size {
        static func varint(_ value: Int) -> Int {
            max(1, (UInt64(truncatingIfNeeded: value).bitWidth - value.leadingZeroBitCount + 6) / 7)
        }

        /// A field of so many bytes.
        static func field(_ count: Int) -> Int { 1 + varint(count) + count }

        /// A field that is left out when it is empty.
        static func string(_ text: String) -> Int { text.isEmpty ? 0 : field(text.utf8.count) }
    }

    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// The head of a field of so many bytes, which are to follow.
    mutating func head(_ field: UInt8, count: Int) {
        byte(field << 3 | 2)
        var rest = count
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// Left out when empty.
    mutating func string(_ field: UInt8, _ text: String) {
        guard !text.isEmpty else { return }
        var text = text
        text.withUTF8 { bytes(field, UnsafeRawBufferPointer($0)) }
    }

    mutating func bytes(_ field: UInt8, _ value: [UInt8]) { value.withUnsafeBytes { bytes(field, $0) } }

    /// Sixteen hexadecimal digits.
    mutating func digits(_ field: UInt8, _ value: UInt64) {
        head(field, count: 16)
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15
            byte(digit < 10 ? digit + 0x30 : digit + 0x57)
        }
    }

    private mutating func bytes(_ field: UInt8, _ value: UnsafeRawBufferPointer) {
        head(field, count: value.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: value)
        count += value.count
    }

    private mutating func byte(_ value: UInt8) {
        memory[count] = value
        count += 1
    }
}
