import AdmissionWebhook
import AsyncHTTPClient
import CertificateAuthority
import Foundation
import KubernetesModel
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Observability
import ServiceLifecycle
import Synchronization
import Testing

/// The server over TLS, as API servers see it.
@Suite struct ServerTests {
    @Test func answersEveryKindOfCall() async throws {
        try await withServer { (server) async throws -> Void in
            let pod: JSONValue = ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"]]
            let injected = try await server.ask("/inject/cluster/c1/net/n1", pod, kind: ["", "v1", "Pod"])
            #expect(injected["response", "uid"] == "u")
            #expect(injected["response", "allowed"] == true)
            #expect(server.calls.last?.environment == ["ISTIO_META_CLUSTER_ID": "c1", "ISTIO_META_NETWORK": "n1"])
            #expect(server.calls.last?.namespace == "shop")
            let patch = try #require(injected["response", "patch"]?.string.flatMap { Data(base64Encoded: $0) })
            #expect(try JSONValue(parsing: Array(patch)) == [["op": "add", "path": "/metadata/labels", "value": [:]]])

            var refused = pod
            refused["metadata", "name"] = "bad"
            let failure = try await server.ask("/inject", refused, kind: ["", "v1", "Pod"])
            #expect(failure["response", "allowed"] == false)
            #expect(failure["response", "status", "message"] == "it cannot be")

            let other = try await server.ask("/inject", ["kind": "Job"], kind: ["batch", "v1", "Job"])
            #expect(other["response", "allowed"] == true)
            #expect(other["response", "patch"] == nil)
        }
    }

    @Test func judgesConfiguration() async throws {
        try await withServer { (server) async throws -> Void in
            let kind = ["networking.istio.io", "v1", "Gateway"]
            let gateway: JSONValue = [
                "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
                "metadata": ["name": "g", "namespace": "shop"], "spec": ["servers": []],
            ]
            let bad = try await server.ask("/validate", gateway, kind: kind)
            #expect(bad["response", "allowed"] == false)
            #expect(bad["response", "status", "message"]?.string?.contains("spec.servers") == true)
            var good = gateway
            good["spec"] = [
                "selector": ["istio": "ingressgateway"],
                "servers": [["port": ["number": 80, "name": "http", "protocol": "HTTP"], "hosts": ["a.example.com"]]],
            ]
            #expect(try await server.ask("/validate", good, kind: kind)["response", "allowed"] == true)
            var leaving = gateway
            leaving["metadata", "deletionTimestamp"] = "2024-01-01T00:00:00Z"
            #expect(try await server.ask("/validate", leaving, kind: kind)["response", "allowed"] == true)
            let unknown = try await server.ask("/validate", ["kind": "Deployment"], kind: ["apps", "v1", "Deployment"])
            #expect(unknown["response", "allowed"] == true)
        }
    }

    @Test func refusesWhatIsNoCall() async throws {
        try await withServer { (server) async throws -> Void in
            #expect(try await server.send("POST", "/inject", Array("rubbish".utf8)).status == 400)
            #expect(try await server.send("POST", "/validate", []).status == 400)
            #expect(try await server.send("GET", "/inject", []).status == 405)
            #expect(try await server.send("POST", "/injected", []).status == 404)
            #expect(try await server.send("GET", "/ready", []).status == 200)
            let large = [UInt8](repeating: UInt8(ascii: " "), count: (8 << 20) + 1)
            #expect(try await server.send("POST", "/inject", large).status == 413)
            #expect(try await server.send("GET", "/ready", []).status == 200)
        }
    }

    /// Connections that are open keep their certificate; the next one sees the new one.
    @Test func presentsANewCertificateWithoutARestart() async throws {
        try await withServer { (server) async throws -> Void in
            #expect(try await server.send("GET", "/ready", []).status == 200)
            let stranger = try SelfSignedRoot(trustDomain: "other").material(now: .now)
            try server.use(stranger)
            let client = try ServerUnderTest.client(trusting: stranger)
            let status = await Result { try await server.send("GET", "/ready", [], by: client).status }
            try await client.shutdown()
            #expect(try status.get() == 200)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// Runs a server on a free port, with an injector that adds labels to any Pod but `bad`.
private func withServer(_ body: @escaping @Sendable (ServerUnderTest) async throws -> Void) async throws {
    let root = try SelfSignedRoot(trustDomain: "cluster.local").material(now: .now)
    let context = Mutex(try ServerUnderTest.context(root))
    let calls = Mutex<[InjectionCall]>([])
    let box = ServerBox(context: context, calls: calls)
    let injector = InjectionJudge { call in
        box.calls.withLock { $0.append(call) }
        if call.pod["metadata", "name"] == "bad" { return .failed(message: "it cannot be") }
        return .injected(patch: [["op": "add", "path": "/metadata/labels", "value": [:]]])
    }
    let security = HTTPConnectionSecurity(
        prepare: { channel in
            let context = box.context.withLock { $0 }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }, isEncrypted: { _ in true })
    let server = AdmissionServer(
        ListenAddress(host: "127.0.0.1", port: 0), injector: injector, validator: ValidationJudge(), security: security,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let port = try await server.boundPort
        let client = try ServerUnderTest.client(trusting: root)
        let result = await Result { try await body(ServerUnderTest(port: port, client: client, box: box)) }
        try await client.shutdown()
        group.cancelAll()
        try? await group.waitForAll()
        try result.get()
    }
}

private final class ServerBox: Sendable {
    let context: Mutex<NIOSSLContext>
    let calls: Mutex<[InjectionCall]>

    init(context: consuming sending Mutex<NIOSSLContext>, calls: consuming sending Mutex<[InjectionCall]>) {
        self.context = context
        self.calls = calls
    }
}

private struct ServerUnderTest: Sendable {
    var port: Int
    var client: HTTPClient
    var box: ServerBox

    var calls: [InjectionCall] { box.calls.withLock { $0 } }

    func use(_ root: CAMaterial) throws {
        let context = try Self.context(root)
        box.context.withLock { $0 = context }
    }

    func ask(_ path: String, _ object: JSONValue, kind: [String]) async throws -> JSONValue {
        let review: JSONValue = [
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": [
                "uid": "u", "operation": "CREATE", "namespace": "shop", "object": object,
                "kind": ["group": .string(kind[0]), "version": .string(kind[1]), "kind": .string(kind[2])],
            ],
        ]
        let (status, body) = try await send("POST", path, review.jsonBytes)
        #expect(status == 200)
        return try JSONValue(parsing: body)
    }

    func send(
        _ method: String, _ path: String, _ body: [UInt8], by client: HTTPClient? = nil
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: "https://localhost:\(port)\(path)")
        request.method = .RAW(value: method)
        if method == "POST" { request.body = .bytes(body) }
        let response = try await (client ?? self.client).execute(request, timeout: .seconds(60))
        return (Int(response.status.code), Array(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    static func context(_ root: CAMaterial) throws -> NIOSSLContext {
        let leaf = try root.serverCertificate(names: ["localhost"], lifetime: .seconds(3600), now: .now)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificateChainPEM.utf8))
                    .map { .certificate($0) },
                privateKey: .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(leaf.privateKey.revealed.utf8), format: .pem))))
    }

    static func client(trusting root: CAMaterial) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration(tlsConfiguration: .makeClientConfiguration())
        configuration.tlsConfiguration?.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(root.rootCertificatePEM.utf8)))
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
