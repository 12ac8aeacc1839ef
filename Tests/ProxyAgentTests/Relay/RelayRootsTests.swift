import CertificateAuthority
import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import Testing
import XDSServer

@testable import WorkloadCredentials
@testable import XDSRelay

/// Roots that the control plane tells agents of, over real gRPC, in both protocols.
@Suite struct RelayRootsTests {
    @Test func rootsComeAndGo() async throws {
        try await withTold { certificates, source, stub in
            try await withProxy(stub) { try await check(certificates, source) }
        }
    }

    /// A proxy that comes asks without saying what the one before it was told.
    @Test func rootsThatGoWhileNoProxyIsThereAreTakenBack() async throws {
        try await withTold { certificates, source, stub in
            let own = try #require(certificates.current).roots.certificates
            let root = try SelfSignedRoot().material(now: .now)
            let told = TrustBundle(own + root.trustBundle.certificates)
            source.update { $0.apply(.proxyConfig, updates: [roots(root.rootCertificatePEM)]) }
            try await withProxy(stub) {
                try await soon("the root is told") { certificates.current?.roots == told }
            }
            source.update { $0.replace(.proxyConfig, with: []) }
            try await withProxy(stub) {
                try await soon("the root is taken back") { certificates.current?.roots == TrustBundle(own) }
            }
        }
    }

    @Test func whatCannotBeReadTakesNoRootsAway() async throws {
        try await withFolder { folder in
            let certificates = WorkloadCertificates(try AuthorityFixture(folder).offlineSettings(), logger: quiet)
            try AuthorityFixture.provide(certificates, "first")
            let own = try #require(certificates.current).roots.certificates
            let relay = DiscoveryRelay(
                DiscoveryRelaySettings(address: "127.0.0.1:1"), certificates: certificates, logger: quiet)
            func take(_ body: [UInt8]) {
                let resource = RelayResource.with {
                    $0.name = "default"
                    $0.resource.value = Data(body)
                }
                relay.take(
                    RelayResponse(typeURL: .proxyConfig, nonce: "n", version: "v", resources: [resource]),
                    isWhole: true)
            }
            let root = try SelfSignedRoot().material(now: .now)
            let told = TrustBundle(own + root.trustBundle.certificates)
            take(roots(root.rootCertificatePEM).body)
            #expect(certificates.current?.roots == told)
            // The beginning of a number that goes on.
            take([0xFF])
            #expect(certificates.current?.roots == told)
            take(roots().body)
            #expect(certificates.current?.roots == TrustBundle(own))
        }
    }

    /// A proxy of the delta protocol that is told of clusters, for the time of `body`.
    private func withProxy(
        _ stub: ControlPlaneStub, _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest.self)
        ask.yield(
            .with {
                $0.node.id = "proxy"
                $0.typeURL = TypeURL.cluster.rawValue
            })
        try await stub.deltaAggregatedResources { writer in
            for await request in requests { try await writer.write(request) }
        } onResponse: { response in
            defer { ask.finish() }
            var responses = response.messages.makeAsyncIterator()
            #expect(try await responses.next()?.typeURL == TypeURL.cluster.rawValue)
            try await body()
        }
    }

    @Test func rootsComeAndGoAsStateOfTheWorld() async throws {
        try await withTold { certificates, source, stub in
            let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryRequest.self)
            ask.yield(
                .with {
                    $0.node.id = "proxy"
                    $0.typeURL = TypeURL.cluster.rawValue
                })
            try await stub.streamAggregatedResources { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { ask.finish() }
                var responses = response.messages.makeAsyncIterator()
                #expect(try await responses.next()?.typeURL == TypeURL.cluster.rawValue)
                try await check(certificates, source)
            }
        }
    }

    private func check(_ certificates: WorkloadCertificates, _ source: StaticSource) async throws {
        let own = try #require(certificates.current).roots.certificates
        let (one, two) = (try SelfSignedRoot().material(now: .now), try SelfSignedRoot().material(now: .now))
        // What cannot be read takes nothing of the others away.
        source.update { $0.apply(.proxyConfig, updates: [roots(one.rootCertificatePEM, "no certificate")]) }
        try await soon("one root is told") {
            certificates.current?.roots == TrustBundle(own + one.trustBundle.certificates)
        }
        source.update {
            $0.apply(.proxyConfig, updates: [roots(one.rootCertificatePEM, two.rootCertificatePEM)])
        }
        try await soon("two roots are told") {
            certificates.current?.roots
                == TrustBundle(own + one.trustBundle.certificates + two.trustBundle.certificates)
        }
        source.update { $0.replace(.proxyConfig, with: []) }
        try await soon("none is told any more") { certificates.current?.roots == TrustBundle(own) }
    }

    private func roots(_ texts: String...) -> Resource {
        let message = Istio_Mesh_V1alpha1_ProxyConfig.with { $0.caCertificatesPem = texts }
        return Resource(name: "default", body: (try? message.serializedBytes()) ?? [])
    }

    private func withTold(
        _ body: @Sendable @escaping (WorkloadCertificates, StaticSource, ControlPlaneStub) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let source = StaticSource(
                ResourceCache([.proxyConfig: .empty, .cluster: ResourceSnapshot([.model("c", "1")])]))
            let service = AggregatedDiscoveryService(source: source, logger: quiet)
            let server = DiscoveryServer(service, address: .ipv4(host: "127.0.0.1", port: 0), logger: quiet)
            let certificates = WorkloadCertificates(try AuthorityFixture(folder).offlineSettings(), logger: quiet)
            try AuthorityFixture.provide(certificates, "first")
            try await withRunning([server]) {
                var settings = DiscoveryRelaySettings(address: "127.0.0.1:\(try await server.boundPort ?? 0)")
                settings.security = .plaintext
                settings.tokenFile = nil
                settings.socketPath = "\(folder.path)/xds"
                settings.asksForNames = false
                settings.asksForRoots = true
                let relay = DiscoveryRelay(settings, certificates: certificates, logger: quiet)
                try await withRunning([relay]) {
                    try await relay.listening()
                    let transport = try HTTP2ClientTransport.Posix(
                        target: .unixDomainSocket(path: settings.socketPath), transportSecurity: .plaintext)
                    try await withGRPCClient(transport: transport) { client in
                        try await body(certificates, source, ControlPlaneStub(wrapping: client))
                    }
                }
            }
        }
    }
}
