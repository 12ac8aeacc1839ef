import AsyncHTTPClient
package import KubernetesClient
import KubernetesModel
package import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Asks every ready replica of a control plane for its webhook server, over TLS that the mesh's root vouches for.
package struct WebhookServerProbe: WebhookServerProbing {
    /// Where one replica's server is reached.
    package struct Address: Hashable, Sendable {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    private static let port = 15017
    private static let timeout = TimeAmount.seconds(3)

    private let client: KubernetesClient
    private let address: @Sendable (_ podIP: String) -> Address
    private let logger: Logger

    /// - Parameter address: Where the replica with this IP is reached; nil for port 15017 there.
    package init(
        client: KubernetesClient, address: (@Sendable (_ podIP: String) -> Address)? = nil, logger: Logger
    ) {
        self.client = client
        self.address = address ?? { Address(host: $0, port: WebhookServerProbe.port) }
        self.logger = logger
    }

    package func publishedRoot(in namespace: String) async throws -> String? {
        let key = ObjectKey(namespace: namespace, name: Uninstallation.publishedRoot)
        let configMap = try await client.find(.configMaps, key)
        return configMap?.json["data", "root-cert.pem"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    package func answers(revision: String, namespace: String, trusting root: String) async -> Bool {
        let service = revision == "default" || revision.isEmpty ? "istiod" : "istiod-\(revision)"
        do {
            let root = try NIOSSLCertificate.fromPEMBytes(Array(root.utf8))
            let key = ObjectKey(namespace: namespace, name: service)
            guard let endpoints = try await client.find(.endpoints, key) else { return false }
            let subsets = endpoints.json["subsets"]?.array ?? []
            guard subsets.allSatisfy({ ($0["notReadyAddresses"]?.array ?? []).isEmpty }) else { return false }
            let addresses = subsets.flatMap { $0["addresses"]?.array ?? [] }.compactMap { $0["ip"]?.string }
            guard !addresses.isEmpty else { return false }
            for podIP in addresses {
                guard try await answers(at: address(podIP), as: "\(service).\(namespace).svc", root: root) else {
                    return false
                }
            }
            return true
        } catch {
            logger.debug("Webhook server does not answer", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Any HTTP answer counts: the handshake has proved who serves.
    private func answers(at address: Address, as host: String, root: [NIOSSLCertificate]) async throws -> Bool {
        // Where nothing listens this fails at once, while the HTTP client would go on trying until its time-out.
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(1)).connect(host: address.host, port: address.port).get()
        try await connection.close()
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: .makeClientConfiguration(), redirectConfiguration: .disallow,
            timeout: .init(connect: WebhookServerProbe.timeout, read: WebhookServerProbe.timeout))
        configuration.tlsConfiguration?.trustRoots = .certificates(root)
        configuration.dnsOverride = [host: address.host]
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let request = HTTPClientRequest(url: "https://\(host):\(address.port)/ready")
            _ = try await http.execute(request, timeout: WebhookServerProbe.timeout)
            try await http.shutdown()
            return true
        } catch {
            try await http.shutdown()
            logger.debug(
                "Webhook server does not answer",
                metadata: ["address": "\(address.host):\(address.port)", "error": "\(error)"])
            return false
        }
    }
}
