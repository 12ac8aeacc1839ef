package import NIOSSL

/// How a port is secured.
package enum DiscoverySecurity: Sendable {
    case plaintext
    case tls(any TLSContextSource)
}

/// Gives each new connection the context of the moment, so that certificates and roots are replaced without a restart.
///
/// gRPC's own transport can replace certificates but not roots, and it asks for a client certificate always or never;
/// a context of our own does both.
package protocol TLSContextSource: Sendable {
    /// What the next handshake uses.
    var context: NIOSSLContext { get }
}

/// Always the same context.
package struct FixedTLSContext: TLSContextSource {
    package let context: NIOSSLContext

    package init(_ configuration: TLSConfiguration) throws { context = try NIOSSLContext(configuration: configuration) }
}
