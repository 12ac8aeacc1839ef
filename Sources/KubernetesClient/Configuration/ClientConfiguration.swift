/// Where an API server is, whom to trust there, and who to be.
package struct ClientConfiguration: Sendable {
    /// Base URL without a slash at its end, such as `https://10.0.0.1:6443`.
    package var server: String
    /// Certificates (PEM) that the server's chain must end in; nil for the system's own roots.
    package var trustRootsPEM: [UInt8]?
    /// The name to ask for in TLS, and to find in the server's certificate, instead of the URL's host. A certificate
    /// for the address that was connected to is taken too.
    package var tlsServerName: String?
    /// Accepts any server certificate. Only for users who wrote `insecure-skip-tls-verify: true`.
    package var skipsServerVerification: Bool
    package var credential: Credential
    /// A certificate to present, beside or instead of a credential.
    package var clientCertificate: ClientCertificate?
    /// What the kubeconfig's context or the Pod's own namespace says; `default` otherwise.
    package var defaultNamespace: String
    /// User, groups to act as, by the `Impersonate-` headers.
    package var impersonation: Impersonation?
    /// Where this was read from, for messages.
    package var origin: String

    package init(
        server: String, trustRootsPEM: [UInt8]? = nil, tlsServerName: String? = nil,
        skipsServerVerification: Bool = false, credential: Credential = .none,
        clientCertificate: ClientCertificate? = nil, defaultNamespace: String = "default",
        impersonation: Impersonation? = nil, origin: String = "program"
    ) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
        self.trustRootsPEM = trustRootsPEM
        self.tlsServerName = tlsServerName
        self.skipsServerVerification = skipsServerVerification
        self.credential = credential
        self.clientCertificate = clientCertificate
        self.defaultNamespace = defaultNamespace
        self.impersonation = impersonation
        self.origin = origin
    }
}

/// How a request says who sends it.
package enum Credential: Hashable, Sendable {
    case none
    case token(Secret<String>)
    /// A file holding a token that others replace now and then. Read again at most every minute, and after a 401.
    case tokenFile(String)
    /// A program that prints a token or a client certificate.
    case exec(ExecPlugin)
}

/// A certificate and its key, to present in TLS.
package enum ClientCertificate: Hashable, Sendable {
    /// PEM texts.
    case inline(certificate: [UInt8], key: Secret<[UInt8]>)
    /// Paths of PEM files. Read again at most every minute, and after a 401.
    case files(certificate: String, key: String)
}

/// Whom to act as.
package struct Impersonation: Hashable, Sendable {
    package var user: String
    package var groups: [String]

    package init(user: String, groups: [String] = []) {
        self.user = user
        self.groups = groups
    }
}
