import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesClient
import SwiftProtobuf
import XDSServer

/// A machine outside of Kubernetes: a client that asks for clusters, follows them, and reports its workload's health.
struct Machine: Sendable {
    typealias Request = Envoy_Service_Discovery_V3_DiscoveryRequest

    /// Who it says it is, and to whom.
    struct Settings: Sendable {
        var port: Int
        var host: String
        var rootPEM: String
        var token: Secret<String>
        var account: String
        var namespace: String
        /// The WorkloadGroup that it wants an entry of.
        var group: String
        var address = "192.0.2.7"
    }

    private let requests: AsyncStream<Request>.Continuation

    /// - Parameter problem: Nil: all is well.
    func report(_ problem: String?) {
        requests.yield(
            .with {
                $0.typeURL = TypeURL.health.rawValue
                if let problem {
                    $0.errorDetail.code = 13
                    $0.errorDetail.message = problem
                }
            })
    }

    /// Connects for the time of `body`, which begins once there is a first answer.
    static func with(_ settings: Settings, _ body: @Sendable @escaping (Machine) async throws -> Void) async throws {
        let roots = Array(settings.rootPEM.utf8)
        try await withGRPCClient(
            transport: HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: settings.port),
                transportSecurity: .tls { $0.trustRoots = .certificates([.bytes(roots, format: .pem)]) },
                config: .defaults { $0.http2.authority = settings.host })
        ) { client in
            let stub = Envoy_Service_Discovery_V3_AggregatedDiscoveryService.Client(wrapping: client)
            var options = CallOptions.defaults
            options.waitForReady = false
            let (requests, continuation) = AsyncStream.makeStream(of: Request.self)
            defer { continuation.finish() }
            continuation.yield(first(settings))
            let metadata: Metadata = ["authorization": "Bearer \(settings.token.exposed)"]
            try await stub.streamAggregatedResources(metadata: metadata, options: options) { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { continuation.finish() }
                var messages = response.messages.makeAsyncIterator()
                guard let answer = try await messages.next() else { return }
                continuation.yield(
                    .with {
                        $0.typeURL = answer.typeURL
                        $0.versionInfo = answer.versionInfo
                        $0.responseNonce = answer.nonce
                    })
                try await body(Machine(requests: continuation))
            }
        }
    }

    private static func first(_ settings: Settings) -> Request {
        let namespace = settings.namespace
        return .with {
            $0.node.id = "sidecar~\(settings.address)~machine-1.\(namespace)~\(namespace).svc.cluster.local"
            $0.node.locality.region = "cellar"
            $0.node.metadata.fields = [
                "NAMESPACE": .init(stringValue: namespace), "SERVICE_ACCOUNT": .init(stringValue: settings.account),
                "AUTO_REGISTER_GROUP": .init(stringValue: settings.group),
                "PROXY_CONFIG": .init(structValue: [
                    "readinessProbe": .init(structValue: ["tcpSocket": .init(structValue: ["port": 8080])])
                ]),
            ]
            $0.typeURL = TypeURL.cluster.rawValue
        }
    }
}
