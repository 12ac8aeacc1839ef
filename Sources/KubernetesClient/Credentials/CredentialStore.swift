import FoundationEssentials
import NIOSSL

/// What a request carries to say who sends it.
struct Authorization: Sendable {
    /// The `Authorization` header's value.
    var header: Secret<String>?
    /// TLS with the client's certificate in it. The same value for as long as the certificate stays the same, so that
    /// connections are shared.
    var tls: TLSConfiguration
    /// Which state of the store this comes from.
    var generation: Int
}

/// Gives every request its credentials: reads tokens and certificates again when they may have changed, runs plugins
/// when what they gave expires, and after the server refused it.
actor CredentialStore {
    /// How long what was read from a file is used without looking again.
    static let fileLifetime = Duration.seconds(60)
    /// How long before its expiry a plugin's credential is replaced, in seconds.
    static let expiryMargin = 10.0

    private struct Token {
        var value: Secret<String>
        var readAt: ContinuousClock.Instant
    }

    private let configuration: ClientConfiguration
    private var token: Token?
    private var plugin: Task<ExecCredential, any Error>?
    private var pluginCredential: ExecCredential?
    private var certificateReadAt: ContinuousClock.Instant?
    private var certificate: ClientCertificate?
    private var tls: TLSConfiguration?
    private var generation = 0

    init(_ configuration: ClientConfiguration) { self.configuration = configuration }

    /// Whether asking again after `invalidate` may give something else.
    nonisolated var isRenewable: Bool {
        if case .files = configuration.clientCertificate { return true }
        switch configuration.credential {
        case .none, .token: return false
        case .tokenFile, .exec: return true
        }
    }

    /// Forgets what the server refused, unless that has happened since: of many requests refused at once, one counts.
    func invalidate(_ refused: Authorization) {
        guard refused.generation == generation else { return }
        generation += 1
        token = nil
        pluginCredential = nil
        certificateReadAt = nil
    }

    /// The credentials as of now.
    func authorization() async throws -> Authorization {
        switch configuration.credential {
        case .none: return try authorization(token: nil)
        case .token(let token): return try authorization(token: token)
        case .tokenFile(let path): return try authorization(token: try fileToken(path))
        case .exec(let plugin):
            let credential = try await credential(from: plugin)
            return try authorization(token: credential.token, certificate: credential.certificate)
        }
    }

    private func authorization(
        token: Secret<String>?, certificate: ClientCertificate? = nil
    ) throws -> Authorization {
        Authorization(
            header: token.map { Secret("Bearer " + $0.exposed) },
            tls: try tlsConfiguration(presenting: certificate ?? configuration.clientCertificate),
            generation: generation)
    }

    private func fileToken(_ path: String) throws -> Secret<String> {
        if let token, token.readAt.duration(to: .now) < CredentialStore.fileLifetime { return token.value }
        do {
            let text = String(decoding: try readFile(path), as: UTF8.self).trimmingWhitespace
            guard !text.isEmpty else { throw KubeConfigError(file: path, problem: "the token is empty") }
            token = Token(value: Secret(text), readAt: .now)
            return Secret(text)
        } catch {
            // A token that is being replaced right now: go on with the one before until the server refuses it.
            guard let token else { throw error }
            return token.value
        }
    }

    /// One run of the plugin serves all who wait for it.
    private func credential(from plugin: ExecPlugin) async throws -> ExecCredential {
        if let credential = pluginCredential, !isExpired(credential) { return credential }
        let run = self.plugin ?? Task { try await plugin.run() }
        self.plugin = run
        let result = await run.result
        if self.plugin == run { self.plugin = nil }
        pluginCredential = try result.get()
        return try result.get()
    }

    private func isExpired(_ credential: ExecCredential) -> Bool {
        guard let expiration = credential.expiration else { return false }
        return Date().timeIntervalSince1970 > expiration - CredentialStore.expiryMargin
    }

    private func tlsConfiguration(presenting certificate: ClientCertificate?) throws -> TLSConfiguration {
        let certificate = try loaded(certificate)
        if let tls, certificate == self.certificate { return tls }
        let made = try TLSConfiguration(for: configuration, presenting: certificate)
        tls = made
        self.certificate = certificate
        return made
    }

    /// A certificate's content, read from its files now and then.
    private func loaded(_ certificate: ClientCertificate?) throws -> ClientCertificate? {
        guard case .files(let certificatePath, let keyPath) = certificate else { return certificate }
        if let readAt = certificateReadAt, let known = self.certificate,
            readAt.duration(to: .now) < CredentialStore.fileLifetime
        {
            return known
        }
        let read = ClientCertificate.inline(
            certificate: try readFile(certificatePath), key: Secret(try readFile(keyPath)))
        certificateReadAt = .now
        return read
    }
}
