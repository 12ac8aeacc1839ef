package import CertificateAuthority
import ControllerRuntime
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
    private let recipe: SelfSignedRoot
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameter recipe: How a root is made if there is none.
    package init(
        client: KubernetesClient, namespace: String, recipe: SelfSignedRoot, now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.client = client
        self.namespace = namespace
        self.recipe = recipe
        self.now = now
        self.logger = logger
    }

    /// What a mesh's root was found to be.
    package struct Found: Hashable, Sendable {
        /// What signs, and who is trusted. A self-signed root may have expired: the leader replaces it.
        package var material: CAMaterial
        /// Certificates that were taken back; nil: none.
        package var revocations: Revocations?
        /// Why a list of certificates that is there does not count; nil: it does, or there is none.
        package var problem: String?

        package init(material: CAMaterial, revocations: Revocations? = nil) {
            self.material = material
            self.revocations = revocations
        }

        /// Reads a Secret. A list that cannot be read is none: certificates are needed more than it is.
        ///
        /// - Throws: `CAMaterialError`.
        init(_ secret: AuthoritySecret, now: Date) throws(CAMaterialError) {
            material = try secret.succession(now: now).current
            guard let text = secret.revocations else { return }
            do throws(PEMProblem) { revocations = try Revocations(text) } catch {
                problem =
                    "Secret \(secret.key): \(AuthoritySecret.revocationsKey) holds \(error.found). "
                    + "Nothing counts as taken back: put lists of revoked certificates there in PEM."
            }
        }
    }

    /// Reads the root; makes it if there is none. Several replicas may do so at once: the first one's counts.
    ///
    /// - Throws: `CAMaterialError` if a Secret is there but cannot be used: it is never replaced, for certificates
    ///   hang on it.
    package func load() async throws -> Found {
        for name in [MeshRoot.pluggedInSecret, MeshRoot.selfSignedSecret] {
            if let found = try await read(name) { return found }
        }
        let made = try recipe.material(now: now())
        do {
            _ = try await client.create(.secrets, secret(of: made), fieldManager: "pilot-discovery")
            logger.info("Made a new mesh root", metadata: ["secret": "\(namespace)/\(MeshRoot.selfSignedSecret)"])
            return Found(material: made)
        } catch let error as APIError where error.isAlreadyExists {
            guard let found = try await read(MeshRoot.selfSignedSecret) else { throw error }
            return found
        }
    }

    private func read(_ name: String) async throws -> Found? {
        let key = ObjectKey(namespace: namespace, name: name)
        let secret = try await client.find(AuthoritySecret.self, .secrets, key)
        return try secret.map { try Found($0, now: now()) }
    }

    private func secret(of material: CAMaterial) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "v1", "kind": "Secret", "type": "istio.io/ca-root",
            "metadata": ["namespace": .string(namespace), "name": .string(MeshRoot.selfSignedSecret)],
            "data": material.secretData.base64,
        ])
    }
}

extension [String: [UInt8]] {
    /// As the data of a Secret.
    var base64: JSONValue { .object(mapValues { .string(Data($0).base64EncodedString()) }) }
}
