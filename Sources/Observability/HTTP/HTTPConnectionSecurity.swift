package import NIOCore

/// What stands between a port and HTTP, such as TLS.
package struct HTTPConnectionSecurity: Sendable {
    /// Sets up a new connection, on its event loop, before HTTP is added to it.
    package var prepare: @Sendable (any Channel) throws -> Void
    /// Whether a connection is encrypted by now; asked on its event loop.
    package var isEncrypted: @Sendable (any Channel) -> Bool

    package init(
        prepare: @escaping @Sendable (any Channel) throws -> Void,
        isEncrypted: @escaping @Sendable (any Channel) -> Bool
    ) {
        self.prepare = prepare
        self.isEncrypted = isEncrypted
    }
}
