import CProcess
import Glibc
import NIOPosix
import Synchronization

/// One run of a program that does not outlive this one.
///
/// A thread of its own starts the program and waits for its end: the kernel kills the program when that thread is gone,
/// and no other thread ever waits for it.
final class ChildProcess: Sendable {
    private let command: EnvoyCommand
    private let leadsGroup: Bool
    private let identifier = Mutex<pid_t?>(nil)

    /// - Parameter leadsGroup: Signals are for what the program starts, too.
    init(_ command: EnvoyCommand, leadsGroup: Bool = false) {
        self.command = command
        self.leadsGroup = leadsGroup
    }

    /// Runs the program to its end. To be called once.
    ///
    /// - Parameter started: Is told the process id.
    /// - Returns: Its exit code, or 128 and the number of the signal that ended it.
    /// - Throws: ``ChildProcessError`` if it cannot be started.
    func run(started: @escaping @Sendable (pid_t) -> Void) async throws -> Int32 {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let result: Result<Int32, any Error>
        do {
            result = .success(
                try await withTaskCancellationHandler {
                    try await pool.runIfActive { [self] in try runBlocking(started) }
                } onCancel: {
                    signal(SIGKILL)
                })
        } catch {
            result = .failure(error)
        }
        try? await pool.shutdownGracefully()
        return try result.get()
    }

    /// Sends it a signal, if it runs.
    func signal(_ number: Int32) {
        identifier.withLock { if let identifier = $0 { kill(leadsGroup ? -identifier : identifier, number) } }
    }

    private func runBlocking(_ started: (pid_t) -> Void) throws -> Int32 {
        let child = try identifier.withLock { identifier in
            let child = try spawn()
            identifier = child
            return child
        }
        started(child)
        apus_await(child)
        return identifier.withLock { identifier in
            identifier = nil  // from now on the number may be another's
            return apus_reap(child)
        }
    }

    private func spawn() throws(ChildProcessError) -> pid_t {
        var failure: Int32 = 0
        let environment = command.environment.map { "\($0.key)=\($0.value)" }
        let child = withCStrings([command.program] + command.arguments) { arguments in
            withCStrings(environment) { variables in
                apus_spawn(command.program, arguments, variables, leadsGroup ? 1 : 0, &failure)
            }
        }
        guard child > 0 else {
            throw ChildProcessError(program: command.program, reason: String(cString: strerror(failure)))
        }
        return child
    }
}

/// A program cannot be started.
package struct ChildProcessError: Error, Hashable, Sendable, CustomStringConvertible {
    package var program: String
    package var reason: String

    package var description: String {
        "cannot start \(program): \(reason). The image of the proxy has to hold it; ProxyConfig's binaryPath names it."
    }
}

/// Calls `body` with a null-terminated list of C strings.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // Never empty: the null is there.
        guard let base = buffer.baseAddress else { preconditionFailure("a list that ends with null is not empty") }
        return body(base)
    }
}
