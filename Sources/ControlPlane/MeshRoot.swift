package import CertificateAuthority
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging

/// The root of trust of a mesh: found in the control plane's namespace, or made there once.
package struct MeshRoot: Sendable {
    /// Plugged in by people; wins over the other.
    package static let pluggedInSecret = "cacerts"
    /// Made by the first control plane.
    package static let selfSignedSecret = "istio-ca-secret"

    private let client: KubernetesClient
    private let namespace: String
    private let trustDomain: String
    private let now: @Sendable () -> Date
    private let logger: Logger

    package init(
        client: KubernetesClient, namespace: String, trustDomain: String, now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.client = client
        self.namespace = namespace
        self.trustDomain = trustDomain
        self.now = now
        self.logger = logger
    }

    /// Reads the root; makes it if there is none. Several replicas may do so at once: the first one's counts.
    ///
    /// - Throws: `CAMaterialError` if a Secret is there but cannot be used: it is never replaced, for certificates
    ///   hang on it.
    package func load() async throws -> CAMaterial {
        for name in [MeshRoot.pluggedInSecret, MeshRoot.selfSignedSecret] {
            if let material = try await read(name) { return material }
        }
        let made = try SelfSignedRoot(trustDomain: trustDomain).material(now: now())
        do {
            _ = try await client.create(.secrets, secret(of: made), fieldManager: "pilot-discovery")
            logger.info("Made a new mesh root", metadata: ["secret": "\(namespace)/\(MeshRoot.selfSignedSecret)"])
            return made
        } catch let error as APIError where error.isAlreadyExists {
            guard let material = try await read(MeshRoot.selfSignedSecret) else { throw error }
            return material
        }
    }

    private func read(_ name: String) async throws -> CAMaterial? {
        let key = ObjectKey(namespace: namespace, name: name)
        guard let secret = try await client.find(.secrets, key) else { return nil }
        var data: [String: [UInt8]] = [:]
        for (field, value) in secret.json["data"]?.object ?? [:] {
            data[field] = value.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        }
        return try CAMaterial(secretData: data, source: "Secret \(key)", now: now())
    }

    private func secret(of material: CAMaterial) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "v1", "kind": "Secret", "type": "istio.io/ca-root",
            "metadata": ["namespace": .string(namespace), "name": .string(MeshRoot.selfSignedSecret)],
            "data": .object(
                material.secretData.mapValues { .string(Data($0).base64EncodedString()) }),
        ])
    }
}
