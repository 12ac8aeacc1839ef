import Glibc

/// A program that tells by its end whether the workload is well.
struct ProbeCommand: Sendable {
    private let command: [String]
    private let environment: [String: String]

    init(_ command: [String], _ environment: [String: String]) {
        self.command = command
        self.environment = environment
    }

    /// Why it is not well; nil: it is. After the time the program is killed, with all that it has started.
    func problem(within limit: Duration) async -> String? {
        guard let name = command.first, let program = path(of: name) else {
            return "the program \(command.first ?? "") is not there"
        }
        let child = ChildProcess(
            EnvoyCommand(program: program, arguments: Array(command.dropFirst()), environment: environment),
            leadsGroup: true)
        return await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do {
                    let status = try await child.run { _ in }
                    return status == 0 ? nil : "\(name) ended with status \(status)"
                } catch {
                    return "\(error)"
                }
            }
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return nil }
                return "\(name) did not end within \(limit)"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// As a shell finds it.
    private func path(of name: String) -> String? {
        if name.contains("/") { return name }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
