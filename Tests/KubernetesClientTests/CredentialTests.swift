import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct ExecCredentialTests {
    let plugin = ExecPlugin(command: "login", apiVersion: "client.authentication.k8s.io/v1")

    private func credential(_ status: String, version: String = "v1") throws -> ExecCredential {
        try ExecCredential(
            output: Array(
                #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/\#(version)","status":\#(status)}"#
                    .utf8), of: plugin)
    }

    @Test func readsATokenAndItsExpiry() throws {
        let credential = try credential(#"{"token":"t","expirationTimestamp":"1970-01-01T00:01:00Z"}"#)
        #expect(credential.token == Secret("t"))
        #expect(credential.expiration == 60)
        #expect(credential.certificate == nil)
    }

    @Test func readsACertificate() throws {
        let credential = try credential(#"{"clientCertificateData":"C","clientKeyData":"K"}"#)
        #expect(credential.certificate == .inline(certificate: [67], key: Secret([75])))
        #expect(credential.token == nil)
        #expect(credential.expiration == nil)
    }

    @Test(arguments: [
        ("{}", "it gave neither a token nor a client certificate"),
        (#"{"clientKeyData":"K"}"#, "it gave only one of clientCertificateData and clientKeyData"),
        (#"{"token":"t","expirationTimestamp":"soon"}"#, "its expirationTimestamp \"soon\" is no RFC 3339 time"),
    ])
    func saysWhatIsWrong(status: String, problem: String) {
        #expect(throws: ExecPluginError(command: "login", problem: problem)) { try credential(status) }
    }

    @Test func anAnswerInAnotherVersionIsRefused() {
        #expect(throws: ExecPluginError.self) { try credential(#"{"token":"t"}"#, version: "v1beta1") }
    }

    @Test func otherOutputIsRefused() {
        #expect(throws: ExecPluginError.self) { try ExecCredential(output: Array("hello".utf8), of: plugin) }
        #expect(throws: ExecPluginError.self) { try ExecCredential(output: Array("{}".utf8), of: plugin) }
    }
}

/// Real processes.
@Suite struct ExecPluginRunTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plugin(_ script: String, name: String = "plugin", hint: String? = nil) throws -> ExecPlugin {
        let path = try folder.write("#!/bin/sh\n" + script, to: name)
        // Through the shell: a file that was only just written may still be open in a child of another test.
        return ExecPlugin(
            command: "/bin/sh", arguments: [path, "one", "two words"], environment: ["OWN": "yes"],
            apiVersion: "client.authentication.k8s.io/v1", installHint: hint, cluster: ["server": "https://a"])
    }

    private func answer(_ token: String) -> String {
        "printf '%s' '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
            + "\"status\":{\"token\":\"'\"\(token)\"'\"}}'"
    }

    @Test func getsArgumentsEnvironmentAndClusterInfo() async throws {
        let info = folder.path + "/info"
        let plugin = try plugin(
            "printf %s \"$KUBERNETES_EXEC_INFO\" > \(info)\n" + answer("$2/$OWN/${PATH:+inherited}"))
        #expect(try await plugin.run().token == Secret("two words/yes/inherited"))
        let seen = try JSONValue(parsing: try readFile(info))
        #expect(seen["spec", "cluster", "server"] == "https://a")
        #expect(seen["kind"] == "ExecCredential")
    }

    @Test func aFailureCarriesWhatThePluginSaid() async throws {
        let plugin = try plugin("echo 'please log in first' >&2; exit 3")
        let error = await #expect(throws: ExecPluginError.self) { try await plugin.run() }
        #expect(error?.problem == "it failed with exit code 3: please log in first")
    }

    @Test func aMissingProgramIsNamedWithItsHint() async throws {
        let plugin = ExecPlugin(
            command: "no-such-plugin-here", apiVersion: "client.authentication.k8s.io/v1",
            installHint: "Install it from example.com")
        let error = await #expect(throws: ExecPluginError.self) { try await plugin.run() }
        #expect(error?.problem == "cannot be started: No such file or directory. Install it from example.com")
    }

    @Test func aPluginThatHangsIsEnded() async throws {
        let plugin = try plugin("echo $$ > \(folder.path)/pid; exec sleep 1000")
        let error = await #expect(throws: ExecPluginError.self) {
            try await plugin.run(timeLimit: .seconds(3))
        }
        #expect(error?.problem == "it did not end within 3.0 seconds")
        let pid = String(decoding: try readFile(folder.path + "/pid"), as: UTF8.self).trimmingWhitespace
        #expect(throws: FileError.self) { try readFile("/proc/\(pid)/stat") }
    }

    @Test func endlessOutputIsEnded() async throws {
        let plugin = try plugin("exec yes")
        let error = await #expect(throws: ExecPluginError.self) { try await plugin.run() }
        #expect(error?.problem == "it printed more than 1 MiB")
    }
}

@Suite struct CredentialStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func store(_ credential: Credential) -> CredentialStore {
        CredentialStore(ClientConfiguration(server: "https://a", credential: credential))
    }

    @Test func aTokenFileIsReadAgainAfterARefusal() async throws {
        let file = try folder.write("one\n", to: "token")
        let store = store(.tokenFile(file))
        let first = try await store.authorization()
        #expect(first.header == Secret("Bearer one"))
        try folder.write("two\n", to: "token")
        #expect(try await store.authorization().header == Secret("Bearer one"))
        await store.invalidate(first)
        #expect(try await store.authorization().header == Secret("Bearer two"))
    }

    /// Runs of the plugin, one letter each.
    private func countingPlugin(expires: String) throws -> ExecPlugin {
        let path = try folder.write(
            """
            #!/bin/sh
            printf x >> \(folder.path)/runs
            printf '%s' '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            printf '"status":{"token":"t","expirationTimestamp":"\(expires)"}}'
            """, to: "plugin")
        return ExecPlugin(command: "/bin/sh", arguments: [path], apiVersion: "client.authentication.k8s.io/v1")
    }

    private var runs: Int { get throws { try readFile(folder.path + "/runs").count } }

    @Test func aPluginRunsOnceForAllUntilItsCredentialExpires() async throws {
        let store = store(.exec(try countingPlugin(expires: "2999-01-01T00:00:00Z")))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await store.authorization() } }
            try await group.waitForAll()
        }
        #expect(try runs == 1)
    }

    @Test func manyRefusalsOfOneCredentialRunThePluginOnce() async throws {
        let store = store(.exec(try countingPlugin(expires: "2999-01-01T00:00:00Z")))
        let refused = try await store.authorization()
        for _ in 0..<5 {
            await store.invalidate(refused)
            _ = try await store.authorization()
        }
        #expect(try runs == 2)
    }

    @Test func anExpiredCredentialIsReplaced() async throws {
        let store = store(.exec(try countingPlugin(expires: "2001-01-01T00:00:00Z")))
        _ = try await store.authorization()
        _ = try await store.authorization()
        #expect(try runs == 2)
    }
}
