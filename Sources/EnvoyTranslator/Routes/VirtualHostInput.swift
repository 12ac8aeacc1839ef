import EnvoyAPI
import SwiftProtobuf
import Synchronization

/// All that decides a virtual host: by which names it is asked for, and what becomes of requests.
///
/// A copy is one reference. Copies share also what is made of the value, so that configurations which have most virtual
/// hosts in common are encoded and compared by what they differ in.
package struct VirtualHostInput: Sendable {
    private struct Content: Hashable, Sendable {
        var name: String
        var domains: [String]
        var routes: [RouteInput]
        var requiresTLS: Bool
        var tellsAttempts: Bool
        var datagramPort: Int?
    }

    private final class Storage: Sendable {
        struct Made: Sendable {
            var hash: Int?
            var bytes: [UInt8]?
        }

        let content: Content
        let made = Mutex(Made())

        init(_ content: Content) { self.content = content }
    }

    private var storage: Storage

    package init(
        name: String, domains: [String], routes: [RouteInput], requiresTLS: Bool = false, tellsAttempts: Bool = true,
        datagramPort: Int? = nil
    ) {
        storage = Storage(
            Content(
                name: name, domains: domains, routes: routes, requiresTLS: requiresTLS, tellsAttempts: tellsAttempts,
                datagramPort: datagramPort))
    }

    package var name: String { storage.content.name }

    /// At least one; no other virtual host of the configuration has it.
    package var domains: [String] {
        get { storage.content.domains }
        set {
            var content = storage.content
            content.domains = newValue
            storage = Storage(content)
        }
    }

    package var routes: [RouteInput] { storage.content.routes }
    /// Requests without TLS are sent to the same place with it.
    package var requiresTLS: Bool { storage.content.requiresTLS }
    /// The server is told how often a request has been tried.
    package var tellsAttempts: Bool { storage.content.tellsAttempts }

    /// The port that takes HTTP/3, which clients are told; nil if none does.
    package var datagramPort: Int? { storage.content.datagramPort }

    /// The encoded message, made once for all copies.
    func bytes() throws -> [UInt8] {
        if let bytes = storage.made.withLock({ $0.bytes }) { return bytes }
        let bytes = try Envoy_Config_Route_V3_VirtualHost(self).stableBytes()
        storage.made.withLock { $0.bytes = bytes }
        return bytes
    }
}

extension VirtualHostInput: Hashable {
    package static func == (left: VirtualHostInput, right: VirtualHostInput) -> Bool {
        left.storage === right.storage || left.storage.content == right.storage.content
    }

    package func hash(into hasher: inout Hasher) {
        let hash = storage.made.withLock { made in
            if let known = made.hash { return known }
            let hash = storage.content.hashValue
            made.hash = hash
            return hash
        }
        hasher.combine(hash)
    }
}

extension Envoy_Config_Route_V3_VirtualHost {
    init(_ input: VirtualHostInput) throws {
        self.init()
        name = input.name
        domains = input.domains
        includeRequestAttemptCount = input.tellsAttempts
        routes = try input.routes.map { try .init($0) }
        if input.requiresTLS { requireTls = .all }
        if let port = input.datagramPort {
            responseHeadersToAdd = [
                .with {
                    $0.header.key = "alt-svc"
                    $0.header.value = "h3=\":\(port)\"; ma=86400"
                    $0.appendAction = .overwriteIfExistsOrAdd
                }
            ]
        }
    }
}
