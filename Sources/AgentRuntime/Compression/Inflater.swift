import CZlib

/// Decompresses gzip as it comes.
package final class Inflater {
    private let stream: UnsafeMutableRawPointer
    private let output: UnsafeMutableBufferPointer<UInt8>
    /// The compressed data has ended well.
    package private(set) var hasEnded = false

    /// Of data that is still to come; nil: zlib cannot be used.
    package init?() {
        guard let stream = apus_inflate_open() else { return nil }
        self.stream = stream
        output = .allocate(capacity: 64 << 10)
    }

    deinit {
        apus_inflate_close(stream)
        output.deallocate()
    }

    /// Takes compressed bytes and gives what they hold, in parts; what follows the end of the data and is no gzip data is
    /// dropped.
    ///
    /// - Returns: False: the data is broken.
    package func take<Problem: Error>(
        _ bytes: ArraySlice<UInt8>, _ emit: (ArraySlice<UInt8>) throws(Problem) -> Void
    ) throws(Problem) -> Bool {
        var rest = bytes
        while let next = rest.first {
            if hasEnded {
                // gzip data may be several in a row.
                guard next == 0x1F else { return true }
                apus_inflate_reset(stream)
                hasEnded = false
            }
            let (used, made, status) = step(rest)
            rest = rest.dropFirst(used)
            if made > 0 { try emit(Array(output[..<made])[...]) }
            switch Int(status) {
            case Int(apus_inflate_ended): hasEnded = true
            case Int(apus_inflate_goes_on): if used == 0, made == 0 { return true }
            case Int(apus_inflate_needs_more): return true
            default: return false
            }
        }
        return true
    }

    private func step(_ bytes: ArraySlice<UInt8>) -> (used: Int, made: Int, status: Int32) {
        bytes.withUnsafeBufferPointer { input in
            var (used, made) = (input.count, output.count)
            let status = apus_inflate_step(stream, input.baseAddress, &used, output.baseAddress, &made)
            return (used, made, status)
        }
    }
}
