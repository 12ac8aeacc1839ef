/// TLS on the side that takes connections: of a Gateway's server, or of a listener for a sidecar's own workload.
package struct ServerTLS: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Bytes go on unopened, by the name that the client asks for.
        case passthrough = "PASSTHROUGH"
        case simple = "SIMPLE"
        case mutual = "MUTUAL"
        /// A certificate that a client shows is checked, and none is needed.
        case optionalMutual = "OPTIONAL_MUTUAL"
        /// Bytes go on unopened, to the service and port that the client's name itself says.
        case autoPassthrough = "AUTO_PASSTHROUGH"
        /// With the mesh's own certificates.
        case istioMutual = "ISTIO_MUTUAL"

        package var passesThrough: Bool { self == .passthrough || self == .autoPassthrough }
        /// Certificates that are the user's own are shown.
        package var needsCertificate: Bool { self == .simple || self == .mutual || self == .optionalMutual }
        /// Clients' certificates are checked against authorities that are the user's own.
        package var checksClients: Bool { self == .mutual || self == .optionalMutual }
        /// Clients without a certificate are turned away.
        package var needsClientCertificate: Bool { self == .mutual || self == .istioMutual }
    }

    /// Where certificate and key come from.
    package enum Certificates: Hashable, Sendable {
        /// Of the workload itself.
        case workload
        /// Secrets, by name; of different kinds of keys.
        case credentials([String])
        case files([Files])
    }

    /// Files of the gateway's own file system.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package var mode: Mode
    /// Requests in plain text are sent to `https`.
    package var redirectsToHTTPS = false
    package var certificates = Certificates.workload
    /// A Secret with the authorities alone; empty: they come with the certificate.
    package var authorityCredential = ""
    /// A file with the authorities; empty without one.
    package var authorityFile = ""
    /// A file of certificates that are no longer valid; empty without one.
    package var revocationFile = ""
    /// Of which a client's certificate must have one; any will do if there are none.
    package var subjectAltNames: [String] = []
    /// Base64 of SHA-256 of the public keys that clients may have.
    package var publicKeyHashes: [String] = []
    /// Hexadecimal SHA-256 of the certificates that clients may have.
    package var certificateHashes: [String] = []
    /// `TLSV1_0` to `TLSV1_3`; nil for the proxy's own choice.
    package var minimumVersion: String?
    package var maximumVersion: String?
    package var cipherSuites: [String] = []
    package var curves: [String] = []
    /// Clients' certificates are taken as they are.
    package var trustsAnyClient = false

    package init(mode: Mode) { self.mode = mode }
}

extension ServerTLS {
    /// The names of Secrets that are the user's own, the one of the authorities last.
    package var credentialNames: [String] {
        guard mode.needsCertificate, case .credentials(let names) = certificates else { return [] }
        return mode.checksClients ? names + [authorityCredentialName ?? ""].filter { !$0.isEmpty } : names
    }

    /// The credential that holds the authorities: its own, or the one beside the certificate's.
    package var authorityCredentialName: String? {
        if !authorityCredential.isEmpty { return authorityCredential }
        guard case .credentials(let names) = certificates, let first = names.first else { return nil }
        return first.hasSuffix(Self.authoritySuffix) ? first : first + Self.authoritySuffix
    }

    /// Ends the names of credentials of which only the authorities are wanted.
    package static let authoritySuffix = "-cacert"
}
