/// TLS of connections to a service.
package struct ClientTLS: Hashable, Sendable {
    package enum Mode: Hashable, Sendable {
        case disable
        /// The server has a certificate.
        case simple
        /// Both sides have one.
        case mutual
        /// Both sides have the mesh's own.
        case istioMutual
    }

    package var mode: Mode
    /// Files, as the proxy sees them.
    package var certificateFile = ""
    package var keyFile = ""
    /// Empty: the authorities that the proxy's system trusts.
    package var authoritiesFile = ""
    package var revocationFile = ""
    /// A Secret that is used instead of the files.
    package var credentialName = ""
    /// Names of which the server's certificate must have one.
    package var subjectAltNames: [String] = []
    /// Empty: the host that is asked for.
    package var serverName = ""
    package var skipsVerification = false

    package init(_ mode: Mode) { self.mode = mode }
}
