package import GRPCCore
package import X509

/// Who a client has proven to be.
package struct PeerIdentity: Hashable, Sendable {
    /// SPIFFE ids, or whatever else the authenticator takes for names; empty: nobody in particular.
    package var names: [String]

    package init(names: [String] = []) { self.names = names }
}

/// The connection that a call came over.
package struct PeerConnection: Sendable {
    /// Where it comes from, for people who read.
    package var address: String
    /// The client's, verified by the handshake; nil: it showed none, or there was none to ask for.
    package var certificate: Certificate?

    package init(address: String, certificate: Certificate? = nil) {
        self.address = address
        self.certificate = certificate
    }
}

extension PeerConnection {
    /// The URIs that the client's certificate names; nil without a certificate.
    package var certificateURIs: [String]? {
        guard let certificate else { return nil }
        let names = try? certificate.extensions.subjectAlternativeNames
        return (names.map { Array($0) } ?? []).compactMap { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
    }
}

/// Finds out who opens a stream.
package protocol PeerAuthenticator: Sendable {
    /// The client's identity.
    ///
    /// - Throws: `RPCError` when the client may not open a stream; it becomes the status of the call.
    func authenticate(_ peer: PeerConnection, metadata: Metadata) async throws -> PeerIdentity
}

/// Lets everybody in, for ports that only those reach who may: they are nobody in particular.
package struct AnyPeer: PeerAuthenticator {
    package init() {}

    package func authenticate(_ peer: PeerConnection, metadata: Metadata) -> PeerIdentity { PeerIdentity() }
}

/// Takes the URIs of the client certificate, which the TLS handshake has verified.
package struct CertificatePeers: PeerAuthenticator {
    package init() {}

    package func authenticate(_ peer: PeerConnection, metadata: Metadata) throws -> PeerIdentity {
        guard let names = peer.certificateURIs else {
            throw RPCError(code: .unauthenticated, message: "no client certificate: connect with mutual TLS")
        }
        guard !names.isEmpty else {
            throw RPCError(
                code: .unauthenticated,
                message: "the client certificate names no URI: use one with a SPIFFE id as its alternative name")
        }
        return PeerIdentity(names: names)
    }
}
