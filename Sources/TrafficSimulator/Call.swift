package import KubernetesModel

/// A call, as an application or a client of a gateway makes it.
package struct Call: Hashable, Sendable {
    /// How the call comes to the proxy.
    package enum Capture: String, Hashable, Sendable, CaseIterable {
        /// Caught on its way out of the proxy's Pod.
        case outbound
        /// Caught on its way in.
        case inbound
        /// Not at all: it is sent straight to a port of the proxy.
        case gateway
    }

    /// What is spoken, inside any TLS.
    package enum Content: String, Hashable, Sendable, CaseIterable {
        case http
        case http2
        case tcp
    }

    package enum Security: String, Hashable, Sendable, CaseIterable {
        case plaintext
        /// TLS without a client's certificate.
        case tls
        /// TLS with a certificate of the mesh.
        case mtls
    }

    /// The destination, as it was dialled.
    package var address: String
    package var port: Int
    package var capture: Capture
    package var content: Content
    package var security: Security
    /// Of the TLS handshake; empty for none.
    package var serverName: String
    /// What the TLS handshake offers, the preferred one first.
    package var applicationProtocols: [String]
    /// The Host or `:authority` header; empty for none.
    package var host: String
    package var method: String
    /// With its query, if it has one.
    package var path: String
    /// All other headers; names are in lower case.
    package var headers: [String: [String]]
    /// Where the call comes from; empty if nobody knows.
    package var sourceAddress: String
    /// The URI in the client's certificate, such as `spiffe://cluster.local/ns/default/sa/client`; empty for none.
    package var sourceIdentity: String
    /// The claims of a token whose signature counts as checked; nil without a token.
    package var claims: JSONValue?
    /// The name of the server's certificate that counts as one of the mesh for this call.
    package var meshCertificate: String

    package init(address: String, port: Int, capture: Capture = .outbound) {
        self.address = address
        self.port = port
        self.capture = capture
        content = .http
        security = .plaintext
        serverName = ""
        applicationProtocols = []
        host = ""
        method = "GET"
        path = "/"
        headers = [:]
        sourceAddress = ""
        sourceIdentity = ""
        claims = nil
        meshCertificate = "default"
    }
}
