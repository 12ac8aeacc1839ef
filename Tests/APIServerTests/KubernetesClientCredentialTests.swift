import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct KubernetesClientCredentialTests {
    /// A service account with no rights, and a token of its own.
    private func token(in namespace: String, _ client: KubernetesClient) async throws -> String {
        _ = try await client.create(
            .serviceAccounts,
            UnstructuredObject([
                "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": ["name": "visitor", "namespace": .string(namespace)],
            ]), fieldManager: "t")
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 3600],
        ]
        let answer = try await client.raw(
            "POST", path: "/api/v1/namespaces/\(namespace)/serviceaccounts/visitor/token", body: request.jsonBytes)
        return try #require(JSONValue(parsing: answer.bytes)["status", "token"]?.string)
    }

    /// Who the server takes the client for: it says so in its refusal.
    private func refusal(_ client: KubernetesClient, _ namespace: String) async throws -> APIError {
        let error = await #expect(throws: APIError.self) {
            try await client.get(.secrets, ObjectKey(namespace: namespace, name: "any"))
        }
        return try #require(error)
    }

    private func visitor(_ cluster: TestCluster, _ credential: Credential) -> ClientConfiguration {
        var configuration = cluster.configuration
        configuration.clientCertificate = nil
        configuration.credential = credential
        return configuration
    }

    @Test func tokensAndTheirRights() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let token = try await token(in: namespace, cluster.client)
            try await cluster.withClient(visitor(cluster, .token(Secret(token)))) { client in
                let error = try await refusal(client, namespace)
                #expect(error.isForbidden)
                #expect(error.message.contains("system:serviceaccount:\(namespace):visitor"))
                #expect(error.description.contains("Grant it by a Role"))
            }
            try await cluster.withClient(visitor(cluster, .token(Secret("wrong")))) { client in
                let error = try await refusal(client, namespace)
                #expect(error.isUnauthorized)
                #expect(error.description.contains("Check the token"))
            }
        }
    }

    /// A token file that has gone stale is read again at once, not a minute later.
    @Test func aTokenFileIsReadAgainWhenItIsRefused() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let file = FileManager.default.temporaryDirectory.path + "/apus-token-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: file) }
            try Data("stale".utf8).write(to: URL(filePath: file))
            try await cluster.withClient(visitor(cluster, .tokenFile(file))) { client in
                #expect(try await refusal(client, namespace).isUnauthorized)
                try Data(try await token(in: namespace, cluster.client).utf8).write(to: URL(filePath: file))
                #expect(try await refusal(client, namespace).isForbidden)
            }
        }
    }

    @Test func anExecPluginsTokenAndCertificate() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let token = try await token(in: namespace, cluster.client)
            let script = FileManager.default.temporaryDirectory.path + "/apus-plugin-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: script) }
            func plugin(_ status: JSONValue) throws -> Credential {
                let answer: JSONValue = [
                    "apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "status": status,
                ]
                try Data("cat <<'END'\n\(answer.jsonText)\nEND\n".utf8).write(to: URL(filePath: script))
                return .exec(
                    ExecPlugin(
                        command: "/bin/sh", arguments: [script], apiVersion: "client.authentication.k8s.io/v1beta1"))
            }
            try await cluster.withClient(visitor(cluster, plugin(["token": .string(token)]))) { client in
                let error = try await refusal(client, namespace)
                #expect(error.message.contains("system:serviceaccount:\(namespace):visitor"))
            }
            guard case .inline(let certificate, let key) = cluster.configuration.clientCertificate else { return }
            let pem: JSONValue = [
                "clientCertificateData": .string(String(decoding: certificate, as: UTF8.self)),
                "clientKeyData": .string(String(decoding: key.exposed, as: UTF8.self)),
            ]
            try await cluster.withClient(visitor(cluster, plugin(pem))) { client in
                let found = try await client.find(.secrets, ObjectKey(namespace: namespace, name: "any"))
                #expect(found == nil)
            }
        }
    }

    @Test func certificatesInFiles() async throws {
        let cluster = try await TestCluster.shared
        guard case .inline(let certificate, let key) = cluster.configuration.clientCertificate else { return }
        let folder = FileManager.default.temporaryDirectory.path + "/apus-pki-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(certificate).write(to: URL(filePath: folder + "/tls.crt"))
        try Data(key.exposed).write(to: URL(filePath: folder + "/tls.key"))
        var configuration = visitor(cluster, .none)
        configuration.clientCertificate = .files(certificate: folder + "/tls.crt", key: folder + "/tls.key")
        try await cluster.withClient(configuration) { client in
            let found = try await client.find(.secrets, ObjectKey(namespace: "default", name: "any"))
            #expect(found == nil)
        }
    }

    @Test func impersonation() async throws {
        let cluster = try await TestCluster.shared
        var configuration = cluster.configuration
        configuration.impersonation = Impersonation(user: "jane", groups: ["developers"])
        try await cluster.withClient(configuration) { client in
            let error = try await refusal(client, "default")
            #expect(error.message.contains("\"jane\""))
        }
    }

    @Test func aServerOfAnotherAuthorityIsNotTrusted() async throws {
        let cluster = try await TestCluster.shared
        var configuration = cluster.configuration
        configuration.trustRootsPEM = nil  // the system's: the test's authority is not among them
        try await cluster.withClient(configuration) { client in
            let error = await #expect(throws: TransportError.self) { try await client.version() }
            #expect(error?.kind == .untrusted)
            #expect(error?.cause == "its certificate is not signed by a trusted root")
        }
    }

    @Test func theServerMayBeAskedForByAnotherName() async throws {
        let cluster = try await TestCluster.shared
        var configuration = cluster.configuration
        configuration.tlsServerName = "kubernetes.default.svc"
        try await cluster.withClient(configuration) { client in
            let version = try await client.version()
            #expect(version.major == 1)
        }
    }

    @Test func verificationCanBeSkippedByThoseWhoInsist() async throws {
        let cluster = try await TestCluster.shared
        var configuration = cluster.configuration
        configuration.trustRootsPEM = nil
        configuration.skipsServerVerification = true
        try await cluster.withClient(configuration) { client in
            let version = try await client.version()
            #expect(version.major == 1)
        }
    }
}
