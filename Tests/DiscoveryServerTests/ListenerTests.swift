import DiscoveryAPI
import EnvoyTesting
import GRPCCore
import NIOSSL
import Synchronization
import Testing
import XDSServer

@testable import DiscoveryServer

/// TLS that asks for a client certificate and does without, and that changes while it serves.
@Suite struct ListenerTests {
    private static let name = "spiffe://cluster.local/ns/default/sa/bookinfo"

    /// Tells in names whether there was a certificate.
    private struct Curious: PeerAuthenticator {
        func authenticate(_ peer: PeerConnection, metadata: Metadata) -> PeerIdentity {
            PeerIdentity(names: peer.certificateURIs ?? ["nobody"])
        }
    }

    @Test(arguments: [true, false]) func aCertificateIsAskedForAndNotRequired(_ hasCertificate: Bool) async throws {
        let authority = try TestAuthority()
        let client = try hasCertificate ? authority.client([Self.name]) : authority.anonymousClient()
        try await withServer(
            clusters(cluster("a")), limits: shortLimits(), security: authority.server(isOptional: true),
            authenticator: Curious()
        ) { server in
            try await withDelta(port: server.port, security: client) { stream in
                stream.send(.subscribe(.cluster))
                let next = try await stream.receive().names
                #expect(next == ["a"])
                #expect(server.connections.map(\.identity.names) == [[hasCertificate ? Self.name : "nobody"]])
            }
        }
    }

    /// Doing without is no way around: a certificate that is shown has to be one of the mesh.
    @Test func aStrangersCertificateIsRefusedAllTheSame() async throws {
        let stranger = try TestAuthority().client([Self.name])
        try await withServer(
            clusters(cluster("a")), limits: shortLimits(), security: TestAuthority().server(isOptional: true),
            authenticator: Curious()
        ) { server in
            let error = await #expect(throws: RPCError.self) {
                try await withDelta(port: server.port, security: stranger) { stream in
                    stream.send(.subscribe(.cluster))
                    _ = try await stream.receive()
                }
            }
            #expect(error?.code == .unavailable)
            #expect(server.connections.isEmpty)
        }
    }

    private final class Changing: TLSContextSource {
        private let current: Mutex<NIOSSLContext>

        init(_ configuration: TLSConfiguration) throws {
            current = Mutex(try NIOSSLContext(configuration: configuration))
        }

        var context: NIOSSLContext { current.withLock { $0 } }

        func change(to configuration: TLSConfiguration) throws {
            let new = try NIOSSLContext(configuration: configuration)
            current.withLock { $0 = new }
        }
    }

    /// Another root: who trusts and shows the new one gets in, who has the old one does not, and open streams stay.
    @Test func theRootIsReplacedWhileItServes() async throws {
        let (old, new) = (try TestAuthority(), try TestAuthority())
        let source = try Changing(old.configuration(isOptional: true))
        try await withServer(
            clusters(cluster("a")), limits: shortLimits(), security: .tls(source), authenticator: Curious()
        ) { server in
            try await withDelta(port: server.port, security: old.client([Self.name])) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                try source.change(to: new.configuration(isOptional: true))
                try await withDelta(port: server.port, security: new.client([Self.name])) { other in
                    other.send(.subscribe(.cluster))
                    let next = try await other.receive().names
                    #expect(next == ["a"])
                }
                await #expect(throws: RPCError.self) {
                    try await withDelta(port: server.port, security: old.client([Self.name])) { other in
                        other.send(.subscribe(.cluster))
                        _ = try await other.receive()
                    }
                }
                try server.source.update { try $0.apply(.cluster, updates: [cluster("b")]) }
                let next = try await stream.receive().names
                #expect(next == ["b"])
            }
        }
    }
}

/// Connections, not only streams, come to an age.
@Suite struct AgeTests {
    /// Remembers which connections calls came over.
    private final class Callers: PeerAuthenticator {
        let addresses = Mutex<Set<String>>([])

        func authenticate(_ peer: PeerConnection, metadata: Metadata) -> PeerIdentity {
            addresses.withLock { _ = $0.insert(peer.address) }
            return PeerIdentity()
        }
    }

    /// A client's streams come over another connection then, which a load balancer can send elsewhere.
    @Test func aConnectionOfItsAgeIsRetired() async throws {
        let callers = Callers()
        var limits = shortLimits()
        limits.stream.maximumAge = .milliseconds(200)
        try await withServer(limits: limits, authenticator: callers) { server in
            try await withClient(port: server.port) { stub in
                // A stream that is opened before the client knows still comes over the old one, or fails.
                try await eventually("another connection", within: .seconds(60)) {
                    let end = await #expect(throws: RPCError.self) {
                        try await stub.deltaAggregatedResources { writer in
                            try await writer.write(.subscribe(.cluster))
                            try await Task.sleep(for: .seconds(30))
                        } onResponse: { response in
                            for try await _ in response.messages {}
                        }
                    }
                    #expect(end?.code == .unavailable)
                    return callers.addresses.withLock { $0.count } >= 2
                }
            }
        }
    }
}
