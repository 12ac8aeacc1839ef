import Synchronization

/// What one check found.
package enum HealthVerdict: Hashable, Sendable {
    /// All is well.
    case ok
    /// Something is not, and what: a sentence's end, such as `waiting for the first list of Services`.
    case failing(String)
}

/// The named questions behind `/healthz` or `/readyz`.
package final class HealthChecks: Sendable {
    /// One question.
    package typealias Check = @Sendable () async -> HealthVerdict

    private let checks: Mutex<[String: Check]>
    private let timeout: Duration

    /// - Parameters:
    ///   - checks: The questions by name.
    ///   - timeout: How long one may take; then it counts as failing and its task is cancelled. It must end when it
    ///     is: the reply waits for that. The kubelet gives up after `timeoutSeconds`, 1 s unless set.
    package init(_ checks: [String: Check] = [:], timeout: Duration = .milliseconds(800)) {
        self.checks = Mutex(checks)
        self.timeout = timeout
    }

    /// Adds or replaces a question while the program runs.
    package func add(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0[name] = check }
    }

    /// Asks all questions at the same time; the answers by name, sorted.
    package func verdicts() async -> [(name: String, verdict: HealthVerdict)] {
        let checks = checks.withLock { $0 }
        return await withTaskGroup(of: (name: String, verdict: HealthVerdict).self) { group in
            for (name, check) in checks {
                group.addTask { [timeout] in (name, await Self.verdict(of: check, within: timeout)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.name < $1.name }
        }
    }

    /// The reply of a probe: 200 `ok`, or 503 with a line for each failing check.
    ///
    /// - Parameter verbose: Whether every check gets a line, whatever the outcome.
    package func reply(verbose: Bool) async -> HTTPReply {
        let verdicts = await verdicts()
        let failing = verdicts.filter { $0.verdict != .ok }
        guard verbose || !failing.isEmpty else { return .text("ok\n") }
        let lines = (verbose ? verdicts : failing).map { name, verdict in
            switch verdict {
            case .ok: "[+] \(name): ok\n"
            case .failing(let why): "[-] \(name): \(why)\n"
            }
        }
        return .text(
            lines.joined() + (failing.isEmpty ? "ok\n" : "failing: \(failing.count) of \(verdicts.count)\n"),
            status: failing.isEmpty ? 200 : 503)
    }

    private static func verdict(of check: @escaping Check, within timeout: Duration) async -> HealthVerdict {
        await withTaskGroup(of: HealthVerdict?.self) { group in
            group.addTask { await check() }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failing("no answer within \(timeout)")
        }
    }
}
