import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Words for people, apart from the data on standard output.
func tell(_ words: String) { put(Array((words + "\n").utf8), to: STDERR_FILENO) }

/// Says what was found, each on its line.
func tell(_ findings: [Finding]) {
    if !findings.isEmpty { tell(findings.map(\.description).joined(separator: "\n")) }
}

/// Data, to standard output or to a file.
func put(_ text: String, into file: String? = nil) throws(InputFault) {
    guard let file, file != "-" else {
        put(Array(text.utf8), to: STDOUT_FILENO)
        return
    }
    try write(text, into: file)
}

/// Runs what may find the input at fault; then the reasons are told and the program ends with exit code 1.
func tellingFaults<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let fault as InputFault {
        tell(fault.findings)
        throw ExitCode.fault
    }
}

extension ExitCode {
    /// The input or the cluster is at fault; words on standard error say what to do.
    static let fault = ExitCode(1)
    /// The command was not understood.
    static let usage = ExitCode(2)
}
