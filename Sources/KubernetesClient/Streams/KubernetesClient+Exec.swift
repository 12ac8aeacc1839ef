package import KubernetesModel
import NIOCore
import NIOHTTP1

/// What a command in a container did.
package struct ExecResult: Hashable, Sendable {
    package var stdout: [UInt8]
    package var stderr: [UInt8]
    package var exitCode: Int

    package init(stdout: [UInt8], stderr: [UInt8], exitCode: Int) {
        self.stdout = stdout
        self.stderr = stderr
        self.exitCode = exitCode
    }

    /// The output as text.
    package var text: String { String(decoding: stdout, as: UTF8.self) }
    /// The error output as text.
    package var errorText: String { String(decoding: stderr, as: UTF8.self) }
}

/// Something that a running command tells.
package enum ExecEvent: Hashable, Sendable {
    case stdout([UInt8])
    case stderr([UInt8])
    /// The command has ended; nothing follows.
    case exit(Int)
}

/// A command that runs in a container.
package struct ExecSession: Sendable {
    private static let input: UInt8 = 0
    private static let output: UInt8 = 1
    private static let error: UInt8 = 2
    private static let status: UInt8 = 3
    private static let close: UInt8 = 255

    let socket: WebSocketSession
    let subject: String

    /// Whether `closeInput` reaches the command (Kubernetes 1.30 and newer).
    package var canCloseInput: Bool { socket.subprotocol.hasPrefix("v5.") }

    /// Gives the command some input.
    package func write(_ bytes: [UInt8]) async throws {
        try await socket.send(bytes, on: ExecSession.input)
    }

    /// Tells the command that no more input comes. Does nothing where the server cannot pass that on.
    package func closeInput() async throws {
        guard canCloseInput else { return }
        try await socket.send([ExecSession.input], on: ExecSession.close)
    }

    /// What the command tells, until its exit.
    ///
    /// - Parameter body: Called for each event, in order; the connection is read no faster than it returns.
    /// - Throws: `APIError` if the command could not be run.
    package func forEachEvent(_ body: (ExecEvent) async throws -> Void) async throws {
        for try await message in socket.messages {
            let bytes = Array(message.bytes.readableBytesView)
            switch message.channel {
            case ExecSession.output: if !bytes.isEmpty { try await body(.stdout(bytes)) }
            case ExecSession.error: if !bytes.isEmpty { try await body(.stderr(bytes)) }
            case ExecSession.status:
                try await body(.exit(try ExecSession.exitCode(status: bytes, of: subject)))
                return
            default: continue
            }
        }
        throw APIError(status: 500, message: "the connection ended before the command did", request: subject)
    }

    /// Reads the `Status` with which a command ends.
    static func exitCode(status bytes: [UInt8], of subject: String) throws -> Int {
        let status = try JSONValue(parsing: bytes)
        if status["status"]?.string == "Success" { return 0 }
        let causes = status["details", "causes"]?.array ?? []
        if let code = causes.first(where: { $0["reason"]?.string == "ExitCode" })?["message"]?.string.flatMap({
            Int($0)
        }) {
            return code
        }
        throw APIError(statusObject: status, request: subject)
    }
}

extension KubernetesClient {
    /// Runs a command in a container and waits for its end.
    ///
    /// - Parameters:
    ///   - container: Nil for the Pod's only, or default, one.
    ///   - input: What the command reads. Before Kubernetes 1.30 it is not told where the input ends.
    ///   - outputLimit: Most bytes of output and error output together.
    /// - Returns: Also for an exit code that is not 0.
    package func exec(
        pod key: ObjectKey, container: String? = nil, command: [String], input: [UInt8]? = nil,
        outputLimit: Int = 4 << 20, timeLimit: Duration = .seconds(60)
    ) async throws -> ExecResult {
        let subject = execSubject(key)
        do {
            return try await withTimeLimit(timeLimit) {
                try await self.withExec(
                    pod: key, container: container, command: command, hasInput: input != nil
                ) { session in
                    if let input {
                        try await session.write(input)
                        try await session.closeInput()
                    }
                    var result = ExecResult(stdout: [], stderr: [], exitCode: 0)
                    try await session.forEachEvent { event in
                        switch event {
                        case .stdout(let bytes): result.stdout += bytes
                        case .stderr(let bytes): result.stderr += bytes
                        case .exit(let code): result.exitCode = code
                        }
                        guard result.stdout.count + result.stderr.count <= outputLimit else {
                            throw TransportError(
                                .tooLarge, server: self.configuration.server, request: subject,
                                cause: "more than \(outputLimit) bytes of output")
                        }
                    }
                    return result
                }
            }
        } catch let error as TimeLimitExceeded {
            throw TransportError(
                .timedOut, server: configuration.server, request: subject,
                cause: "the command did not end within \(error.limit)")
        }
    }

    /// Starts a command in a container and hands it over; it ends with `body` at the latest.
    package func withExec<Value: Sendable>(
        pod key: ObjectKey, container: String? = nil, command: [String], hasInput: Bool = false,
        _ body: (ExecSession) async throws -> Value
    ) async throws -> Value {
        let subject = execSubject(key)
        var call = Call(
            method: .GET,
            path: APIResource.pods.path(namespace: key.namespace, name: key.name, subresource: "exec"),
            subject: subject, repeatability: .write)
        for word in command { call.query.add("command", word) }
        call.query.add("container", container)
        call.query.add("stdout", if: true)
        call.query.add("stderr", if: true)
        call.query.add("stdin", if: hasInput)
        return try await withWebSocket(call, subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"]) { socket in
            try await body(ExecSession(socket: socket, subject: subject))
        }
    }

    private func execSubject(_ key: ObjectKey) -> String { "EXEC pods \(key)" }
}
