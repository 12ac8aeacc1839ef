import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where finished log lines go, a line per call, newline included.
package struct LogSink: Sendable {
    private let body: @Sendable ([UInt8]) -> Void

    /// A sink that hands each line to `body`, from any thread.
    package init(_ body: @escaping @Sendable ([UInt8]) -> Void) { self.body = body }

    /// Takes one line.
    package func write(_ line: [UInt8]) { body(line) }

    /// Standard error. Lines of several threads never mix, whatever their length.
    package static let standardError = LogSink.descriptor(STDERR_FILENO)

    /// A sink that writes each line to an open file descriptor with one `write(2)`, more only where the kernel takes
    /// a part. A descriptor that fails loses lines: logging never stops the program.
    package static func descriptor(_ descriptor: Int32) -> LogSink {
        let turn = LineLock()
        return LogSink { line in turn.write(line, to: descriptor) }
    }
}

private final class LineLock: Sendable {
    private let lock = Mutex<Void>(())

    func write(_ line: [UInt8], to descriptor: Int32) {
        lock.withLock { _ in
            line.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let slice = UnsafeRawBufferPointer(rebasing: rest)
                    #if canImport(Glibc)
                    let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
                    #elseif canImport(Musl)
                    let count = Musl.write(descriptor, slice.baseAddress, slice.count)
                    #else
                    let count = Darwin.write(descriptor, slice.baseAddress, slice.count)
                    #endif
                    if count > 0 {
                        rest = rest.dropFirst(count)
                    } else if errno != EINTR {
                        return
                    }
                }
            }
        }
    }
}
