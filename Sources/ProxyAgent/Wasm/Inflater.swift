import CZlib

/// Decompresses gzip as it comes.
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>
    private var isOpen = false
    /// The compressed data has ended well.
    private(set) var hasEnded = false

    init() throws(ModuleProblem) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(capacity: 64 << 10)
        // 15 bits of window, and 16 for a gzip header.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
            throw ModuleProblem("zlib cannot be used")
        }
        isOpen = true
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes compressed bytes and gives what they hold, in parts; what follows the end of the data is dropped.
    func take(
        _ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) throws(ModuleProblem) -> Void
    ) throws(ModuleProblem) {
        var rest = bytes
        while !hasEnded, !rest.isEmpty {
            let (used, made, status) = step(rest)
            rest = rest.dropFirst(used)
            if made > 0 { try emit(Array(output[..<made])[...]) }
            switch status {
            case Z_STREAM_END: hasEnded = true
            case Z_OK: if used == 0, made == 0 { return }
            case Z_BUF_ERROR: return
            default: throw ModuleProblem("the compressed data is broken")
            }
        }
    }

    private func step(_ bytes: ArraySlice<UInt8>) -> (used: Int, made: Int, status: Int32) {
        bytes.withUnsafeBufferPointer { input in
            // zlib does not write to its input.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(clamping: input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(clamping: output.count)
            let given = stream.pointee.avail_in
            let status = inflate(stream, Z_NO_FLUSH)
            defer { stream.pointee.next_in = nil }
            return (
                Int(given - stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out), status
            )
        }
    }
}
