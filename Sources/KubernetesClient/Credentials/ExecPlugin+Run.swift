import FoundationEssentials
import KubernetesModel
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension ExecPlugin {
    /// Most bytes of output that are read.
    private static let outputLimit = 1 << 20

    /// Runs the plugin and reads what it prints. Runs on a thread that may block.
    ///
    /// - Parameter timeLimit: After this the plugin is killed.
    func run(timeLimit: Duration = .seconds(60)) async throws -> ExecCredential {
        let output = try await NIOThreadPool.singleton.runIfActive { try runBlocking(timeLimit: timeLimit) }
        return try ExecCredential(output: output, of: self)
    }

    private func failure(_ problem: String) -> ExecPluginError {
        ExecPluginError(command: command, problem: problem)
    }

    private func runBlocking(timeLimit: Duration) throws(ExecPluginError) -> [UInt8] {
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard pipe(&output) == 0 else { throw failure("no pipe: \(systemError(errno))") }
        guard pipe(&errors) == 0 else {
            close(output[0])
            close(output[1])
            throw failure("no pipe: \(systemError(errno))")
        }
        for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let spawned = Result { () throws(ExecPluginError) in try spawn(output: output[1], errors: errors[1]) }
        close(output[1])
        close(errors[1])
        defer {
            close(output[0])
            close(errors[0])
        }
        let process = try spawned.get()
        var pipes = PipeReader(output: output[0], errors: errors[0], limit: ExecPlugin.outputLimit)
        let isFinished = pipes.readAll(until: .now + timeLimit)
        if !isFinished { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard isFinished else {
            throw failure(pipes.isOverflown ? "it printed more than 1 MiB" : "it did not end within \(timeLimit)")
        }
        let said = String(decoding: pipes.errorBytes.suffix(400), as: UTF8.self).trimmingWhitespace
        guard status == 0 else {
            let end = status & 0x7f == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
            throw failure("it failed with \(end)" + (said.isEmpty ? "" : ": \(said)"))
        }
        return pipes.outputBytes
    }

    private func spawn(output: Int32, errors: Int32) throws(ExecPluginError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)

        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, own in own }
        variables["KUBERNETES_EXEC_INFO"] = info.jsonText
        var argv = ([command] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in argv + envp { free(pointer) }
        }
        var process: pid_t = 0
        let code = posix_spawnp(&process, command, &actions, nil, &argv, &envp)
        guard code == 0 else {
            let hint = installHint.map { ". \($0.trimmingWhitespace)" } ?? ""
            throw failure("cannot be started: \(systemError(code))\(code == ENOENT ? hint : "")")
        }
        return process
    }
}

private func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Reads two pipes to their ends without letting either fill up.
private struct PipeReader {
    var outputBytes: [UInt8] = []
    var errorBytes: [UInt8] = []
    var isOverflown = false
    private var descriptors: [pollfd]
    private let limit: Int

    init(output: Int32, errors: Int32, limit: Int) {
        descriptors = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        self.limit = limit
    }

    /// - Returns: False if time ran out or there was too much to read.
    mutating func readAll(until deadline: ContinuousClock.Instant) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while descriptors.contains(where: { $0.fd >= 0 }) {
            let left = (deadline - .now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return false }
            let ready = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: milliseconds))
            if ready < 0, errno != EINTR { return false }
            guard ready > 0 else { continue }
            for index in descriptors.indices where descriptors[index].revents != 0 {
                let count = read(descriptors[index].fd, &chunk, chunk.count)
                guard count > 0 else {
                    descriptors[index].fd = -1  // poll passes over negative ones
                    continue
                }
                if index == 0 {
                    outputBytes.append(contentsOf: chunk[..<count])
                } else {
                    errorBytes.append(contentsOf: chunk[..<count])
                }
            }
            guard outputBytes.count + errorBytes.count <= limit else {
                isOverflown = true
                return false
            }
        }
        return true
    }
}
