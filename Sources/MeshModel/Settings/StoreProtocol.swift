/// What is spoken with a data store, where a proxy can look into it on its way.
package enum StoreProtocol: Hashable, Sendable, CaseIterable {
    case mongo
    case mySQL
    case redis

    /// The client waits for the server's greeting, or may: nobody may wait for the client's first bytes.
    package var isServerFirst: Bool { self != .redis }

    /// Nil: proxies pass it on as it is.
    package init?(_ meshProtocol: MeshProtocol) {
        switch meshProtocol {
        case .mongo: self = .mongo
        case .mysql: self = .mySQL
        case .redis: self = .redis
        default: return nil
        }
    }
}
