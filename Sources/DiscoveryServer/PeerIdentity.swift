package import GRPCCore
import GRPCNIOTransportHTTP2Posix
import X509

/// Who a client has proven to be.
package struct PeerIdentity: Hashable, Sendable {
    /// SPIFFE ids, or whatever else the authenticator takes for names; empty: nobody in particular.
    package var names: [String]

    package init(names: [String] = []) { self.names = names }
}

/// Finds out who opens a stream.
package protocol PeerAuthenticator: Sendable {
    /// The client's identity.
    ///
    /// - Throws: `RPCError` when the client may not open a stream; it becomes the status of the call.
    func authenticate(_ context: ServerContext, metadata: Metadata) async throws -> PeerIdentity
}

/// Lets everybody in, for ports that only those reach who may: they are nobody in particular.
package struct AnyPeer: PeerAuthenticator {
    package init() {}

    package func authenticate(_ context: ServerContext, metadata: Metadata) -> PeerIdentity { PeerIdentity() }
}

/// Takes the URIs of the client certificate, which the TLS handshake has verified.
package struct CertificatePeers: PeerAuthenticator {
    package init() {}

    package func authenticate(_ context: ServerContext, metadata: Metadata) throws -> PeerIdentity {
        let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
        guard let certificate = transport?.peerCertificate else {
            throw RPCError(code: .unauthenticated, message: "no client certificate: connect with mutual TLS")
        }
        let names = try? certificate.extensions.subjectAlternativeNames.map { names in
            names.compactMap { name -> String? in
                if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
            }
        }
        guard let names, !names.isEmpty else {
            throw RPCError(
                code: .unauthenticated,
                message: "the client certificate names no URI: use one with a SPIFFE id as its alternative name")
        }
        return PeerIdentity(names: names)
    }
}
