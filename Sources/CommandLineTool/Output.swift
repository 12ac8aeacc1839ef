import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Words for people, apart from the data on standard output.
func tell(_ words: String) {
    let bytes = Array((words + "\n").utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        written += count
    }
}

extension ExitCode {
    /// The input or the cluster is at fault; words on standard error say what to do.
    static let fault = ExitCode(1)
}
