import Authentication
import CertificateAuthority
import ControlPlane
import DebugPages
import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import Logging
import MeshDiscovery
import MeshModel
import MeshTranslator
import ServiceLifecycle
import SwiftProtobuf
import XDSServer

/// A mesh that tests make up.
struct MadeUpState: DiscoveryState {
    var streams: DiscoveryStreams
    var mesh = MeshSnapshot()
    var objects: [ObjectReference: ConfigurationObject] = [:]
    var problems: [ObjectReference: [Diagnostic]] = [:]
    var meshConfig: String?
    var cache = ResourceCache()
    var scope = ProxyScope(
        view: ProxyView(
            Proxy(kind: .sidecar, name: "reviews-1", namespace: "default", addresses: ["10.0.0.1"]), inbound: []))
    var watched: [APIResource] = []
    var kept: [KeptResource] = []
    var templates: [String: String]? = [:]

    func meshSnapshot() -> MeshSnapshot { mesh }
    func configurationObjects() -> [ObjectReference: ConfigurationObject] { objects }
    func meshConfiguration() -> String? { meshConfig }
    func diagnostics() -> [ObjectReference: [Diagnostic]] { problems }
    func resources(ofProxy id: String) -> ResourceCache? { id == TestProxy.node ? cache : nil }
    func scope(ofProxy id: String) -> ProxyScope? { id == TestProxy.node ? scope : nil }
    func watchedResources() -> [APIResource] { watched }
    func keptResources() -> [KeptResource] { kept }
    func injectionTemplates() -> [String: String]? { templates }
}

/// A client that acknowledges all it is sent.
enum TestProxy {
    static let node = "sidecar~10.0.0.1~reviews-1.default~default.svc.cluster.local"

    typealias Request = Envoy_Service_Discovery_V3_DiscoveryRequest
    typealias Response = Envoy_Service_Discovery_V3_DiscoveryResponse
    typealias Security = HTTP2ClientTransport.Posix.TransportSecurity

    /// The first request for a type.
    static func request(
        _ type: TypeURL, _ names: [String] = [], id: String = node, metadata: [String: String] = [:]
    ) -> Request {
        .with {
            $0.node.id = id
            $0.node.metadata.fields = ["ISTIO_VERSION": "1.29.0", "CLUSTER_ID": "Kubernetes"]
            for (name, value) in metadata { $0.node.metadata.fields[name] = .init(stringValue: value) }
            $0.typeURL = type.rawValue
            $0.resourceNames = names
        }
    }

    /// Opens a stream, asks, acknowledges each answer with `refusals` as its reason to refuse, and keeps the stream open
    /// while `body` looks around.
    ///
    /// - Throws: How the server ended the stream.
    static func connect(
        port: Int, security: Security = .plaintext, headers: Metadata = [:], _ requests: [Request],
        refusals: [String: String] = [:], body: @Sendable @escaping ([Response]) async throws -> Void = { _ in }
    ) async throws {
        try await withGRPCClient(
            transport: HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: security)
        ) { client in
            let stub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client(wrapping: client)
            let (outgoing, continuation) = AsyncStream.makeStream(of: Request.self)
            defer { continuation.finish() }
            var options = CallOptions.defaults
            options.waitForReady = false
            try await stub.streamAggregatedResources(metadata: headers, options: options) { writer in
                for await request in outgoing { try await writer.write(request) }
            } onResponse: { response in
                defer { continuation.finish() }
                var received: [Response] = []
                var messages = response.messages.makeAsyncIterator()
                for request in requests {
                    continuation.yield(request)
                    guard let answer = try await messages.next() else { break }
                    received.append(answer)
                    continuation.yield(
                        .with {
                            $0.typeURL = answer.typeURL
                            $0.responseNonce = answer.nonce
                            $0.versionInfo = answer.versionInfo
                            $0.resourceNames = request.resourceNames
                            if let refusal = refusals[answer.typeURL] { $0.errorDetail.message = refusal }
                        })
                }
                try await body(received)
            }
        }
    }
}

/// A server of xDS for the time of `body`.
func withDiscovery(
    _ source: any SnapshotSource, security: DiscoverySecurity = .plaintext,
    authenticator: any PeerAuthenticator = AnyPeer(), questions: any QuestionAnswering = NoQuestions(),
    body: (AggregatedDiscoveryService, _ port: Int) async throws -> Void
) async throws {
    let service = AggregatedDiscoveryService(source: source, questions: questions, logger: silent)
    let server = DiscoveryServer(
        service, address: .ipv4(host: "127.0.0.1", port: 0), security: security, authenticator: authenticator,
        logger: silent)
    try await withService(server) {
        guard let port = try await server.boundPort else { throw NotListening() }
        try await body(service, port)
    }
}

struct NotListening: Error {}

/// Runs a service for the time of `body`, then cancels it.
func withService(_ service: any Service, body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        group.cancelAll()
        while let ended = await group.nextResult() { _ = ended }
        try result.get()
    }
}

/// A root, and what it signs.
struct TestMesh: Sendable {
    let root: CAMaterial
    let serving: ServingCertificate

    init() throws {
        root = try SelfSignedRoot().material(now: .now)
        serving = try ServingCertificate(
            root: root, names: ServingCertificate.names(namespace: "istio-system", revision: "default"),
            now: { .now }, logger: silent)
    }

    /// A client that trusts the mesh, and shows nothing.
    var anonymousClient: TestProxy.Security {
        .tls {
            $0.trustRoots = .certificates([.bytes(Array(root.rootCertificatePEM.utf8), format: .pem)])
            $0.serverCertificateVerification = .noHostnameVerification
        }
    }
}

/// Waits until the world is so.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotWithin(limit: limit, what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

struct NotWithin: Error {
    var limit: Duration
    var what: String
}
