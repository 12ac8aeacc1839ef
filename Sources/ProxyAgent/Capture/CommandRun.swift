#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One run of a program to its end: short ones, in commands that do nothing else meanwhile.
package struct CommandRun: Sendable {
    /// How a program ended and what it said.
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let errors: String

        package var succeeded: Bool { status == 0 }
    }

    private let words: [String]
    private let input: String

    package init(words: [String], input: String = "") {
        self.words = words
        self.input = input
    }

    /// Runs the program.
    ///
    /// - Returns: `nil` if there is no such program.
    package func run() throws(CaptureError) -> Outcome? {
        var streams: [[Int32]] = []
        defer {
            for end in streams.joined() where end >= 0 { close(end) }
        }
        for _ in 0..<3 {
            var ends: [Int32] = [-1, -1]
            #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
            #else
            let kind = SOCK_STREAM
            #endif
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                throw CaptureError("\(words.joined(separator: " ")): no socket pair: \(systemError(errno))")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            streams.append(ends)
        }
        guard let process = try spawn(streams.map { $0[1] }) else { return nil }
        for index in streams.indices {
            close(streams[index][1])
            streams[index][1] = -1
        }
        let (output, errors) = exchange(streams.map { $0[0] })
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return Outcome(
            status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f),
            output: String(decoding: output, as: UTF8.self), errors: String(decoding: errors, as: UTF8.self))
    }

    private func spawn(_ ends: [Int32]) throws(CaptureError) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, end) in ends.enumerated() { posix_spawn_file_actions_adddup2(&actions, end, Int32(stream)) }
        var argv = words.map { strdup($0) } + [nil]
        defer {
            for pointer in argv { free(pointer) }
        }
        var process: pid_t = 0
        let code = posix_spawnp(&process, words[0], &actions, nil, &argv, environ)
        if code == ENOENT { return nil }
        guard code == 0 else { throw CaptureError("\(words[0]) cannot be started: \(systemError(code))") }
        return process
    }

    /// Writes the input while it reads both outputs, so that nobody waits for the other.
    private func exchange(_ ends: [Int32]) -> (output: [UInt8], errors: [UInt8]) {
        var read: [[UInt8]] = [[], [], []]
        var input = Array(input.utf8)[...]
        var waiting = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        waiting[0].events = Int16(POLLOUT)
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while waiting.contains(where: { $0.fd >= 0 }) {
            guard poll(&waiting, nfds_t(waiting.count), -1) >= 0 || errno == EINTR else { break }
            if waiting[0].fd >= 0, waiting[0].revents != 0 {
                let sent =
                    input.isEmpty ? 0 : input.withUnsafeBytes { send(ends[0], $0.baseAddress, $0.count, noSignal) }
                if sent > 0 { input.removeFirst(sent) }
                if sent < 0 || input.isEmpty {
                    shutdown(ends[0], Int32(SHUT_WR))
                    waiting[0].fd = -1
                }
            }
            for index in 1...2 where waiting[index].fd >= 0 && waiting[index].revents != 0 {
                let count = recv(ends[index], &chunk, chunk.count, 0)
                if count > 0 {
                    read[index] += chunk[..<count]
                } else {
                    waiting[index].fd = -1
                }
            }
        }
        return (read[1], read[2])
    }
}

#if canImport(Darwin)
private let noSignal: Int32 = 0
#else
private let noSignal = Int32(MSG_NOSIGNAL)
#endif

func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Why traffic is not captured.
package struct CaptureError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
