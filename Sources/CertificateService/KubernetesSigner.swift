import CertificateAuthority
import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
import Synchronization

/// Has certificates signed by a signer of Kubernetes: creates a CertificateSigningRequest, approves it, waits for the
/// certificate, and deletes it.
package final class KubernetesSigner: Sendable {
    private let settings: ExternalSigning
    private let client: KubernetesClient
    private let logger: Logger
    /// The version that the API server has; nil: nobody has asked yet.
    private let version = Mutex<String?>(nil)
    private let timeout: Duration

    /// - Parameter timeout: How long the signer may take.
    package init(
        _ settings: ExternalSigning, client: KubernetesClient, timeout: Duration = .seconds(20), logger: Logger
    ) {
        self.settings = settings
        self.client = client
        self.timeout = timeout
        self.logger = logger
    }

    /// The certificates that the signer gave, PEM: the leaf first.
    ///
    /// - Parameters:
    ///   - csr: The request as PEM, which the signer signs as it is: verified to ask for nothing but what is due.
    ///   - wanted: The caller's word for a signer; nil: the default one.
    /// - Throws: ``SigningFailure``, or what the API server says.
    package func sign(_ csr: String, signer wanted: String?, lifetime: Duration) async throws -> String {
        let request = KubernetesSigningRequest(
            name: "csr-workload-\(String(UInt64.random(in: 0 ... .max), radix: 36))", csr: csr,
            signer: try settings.signer(wanted), lifetime: lifetime)
        let resource = try await created(request)
        do {
            let certificate = try await signed(request, resource)
            await delete(request, resource)
            return certificate
        } catch {
            await delete(request, resource)
            throw error
        }
    }

    /// In the newest version that the server has.
    private func created(_ request: KubernetesSigningRequest) async throws -> APIResource {
        for version in version.withLock({ $0 }).map({ [$0] }) ?? KubernetesSigningRequest.versions {
            let resource = KubernetesSigningRequest.resource(version)
            do {
                _ = try await client.create(resource, request.object(version), fieldManager: "pilot-discovery")
                self.version.withLock { $0 = version }
                return resource
            } catch let error as APIError where error.isNotFound {
                continue  // it does not have this version
            }
        }
        throw SigningFailure("the cluster has no CertificateSigningRequests of \(KubernetesSigningRequest.versions)")
    }

    private func signed(_ request: KubernetesSigningRequest, _ resource: APIResource) async throws -> String {
        let key = ObjectKey(name: request.name)
        let deadline = ContinuousClock.now + timeout
        var isApproved = false
        var pause = Duration.milliseconds(20)
        while ContinuousClock.now < deadline {
            let live = try await client.get(resource, key)
            switch KubernetesSigningRequest.outcome(live.json["status"]) {
            case .signed(let certificate): return certificate
            case .refused(let why):
                throw SigningFailure(
                    "signer \(request.signer) did not sign CertificateSigningRequest \(key.name): \(why)")
            case .waiting:
                if !isApproved {
                    _ = try await client.update(
                        resource, request.approved(live), fieldManager: "pilot-discovery", subresource: "approval")
                    isApproved = true
                }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        throw SigningFailure(
            "signer \(request.signer) did not sign CertificateSigningRequest \(key.name) within \(timeout): is it running?"
        )
    }

    /// Also for a caller who has given up. What cannot be deleted, Kubernetes deletes after an hour.
    private func delete(_ request: KubernetesSigningRequest, _ resource: APIResource) async {
        let (client, logger) = (client, logger)
        await Task {
            do { _ = try await client.delete(resource, ObjectKey(name: request.name)) } catch {
                logger.info(
                    "Cannot delete a CertificateSigningRequest",
                    metadata: ["object": "\(request.name)", "error": "\(error)"])
            }
        }.value
    }
}

/// Why a signer gave no certificate.
package struct SigningFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
