package import DiscoveryServer
import FoundationEssentials
package import GRPCCore
import KubernetesClient
package import Logging
import MeshModel
package import X509

/// Authenticates clients of the TLS port as Istio does: by client certificate, or else by ServiceAccount token.
///
/// ```
/// certificate, verified by the handshake, that names a workload ─► that workload
/// authorization: Bearer TOKEN, issued for istio-ca ─ TokenReview ─► its ServiceAccount
/// neither ─► UNAUTHENTICATED        nobody to ask ─► UNAVAILABLE: the client comes again
/// ```
package struct WorkloadAuthenticator: PeerAuthenticator {
    /// For whom proxies' tokens are issued.
    package static let audience = "istio-ca"

    private let tokens: any TokenReviewing
    private let trustDomain: @Sendable () -> String
    private let isRevoked: @Sendable (Certificate) -> Bool
    private let now: @Sendable () -> Double
    private let logger: Logger

    /// - Parameters:
    ///   - tokens: Reviews tokens.
    ///   - trustDomain: In which the ServiceAccounts of tokens are.
    ///   - isRevoked: Whether a certificate was taken back.
    ///   - now: Seconds since 1970.
    package init(
        tokens: any TokenReviewing, trustDomain: @autoclosure @escaping @Sendable () -> String,
        isRevoked: @escaping @Sendable (Certificate) -> Bool = { _ in false },
        now: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.tokens = tokens
        self.isRevoked = isRevoked
        self.trustDomain = trustDomain
        self.now = now
        self.logger = logger
    }

    package func authenticate(_ peer: PeerConnection, metadata: Metadata) async throws -> PeerIdentity {
        PeerIdentity(names: try await caller(peer, metadata: metadata).names)
    }

    /// Who calls, with what its token says of where it runs.
    ///
    /// - Throws: `RPCError` when nobody knows who it is.
    package func caller(_ peer: PeerConnection, metadata: Metadata) async throws(RPCError) -> WorkloadCaller {
        do throws(RPCError) {
            return try await identified(peer, metadata)
        } catch {
            logger.info(
                "Client is not authenticated", metadata: ["peer": "\(peer.address)", "why": "\(error.message)"])
            throw error
        }
    }

    private func identified(_ peer: PeerConnection, _ metadata: Metadata) async throws(RPCError) -> WorkloadCaller {
        var problems: [String] = []
        if let certificate = peer.certificate {
            let names = (peer.certificateURIs ?? []).filter { SPIFFEIdentity($0) != nil }
            // A session that is taken up again was verified when it began.
            if certificate.notValidAfter.timeIntervalSince1970 <= now() {
                problems.append("the client certificate has expired")
            } else if isRevoked(certificate) {
                problems.append("the client certificate was taken back")
            } else if names.isEmpty {
                problems.append("the client certificate names no workload of a mesh")
            } else {
                return WorkloadCaller(names: names)
            }
        }
        for header in metadata[stringValues: "authorization"] {
            guard let token = Secret(authorization: header) else { continue }
            switch try await verdict(on: token) {
            case .refused(let reason): problems.append(reason)
            case .authenticated(let user):
                if let workload = user.serviceAccount {
                    return WorkloadCaller(
                        names: [workload.spiffeID(trustDomain: trustDomain())],
                        pod: user.boundPod(in: workload.namespace))
                }
                problems.append("the token is not a ServiceAccount's")
            }
            break
        }
        let found = problems.isEmpty ? "neither a client certificate nor a token" : problems.joined(separator: "; ")
        throw RPCError(
            code: .unauthenticated,
            message: "\(found): connect with a certificate of the mesh, or with a ServiceAccount's token issued for "
                + "\(Self.audience)")
    }

    private func verdict(on token: Secret<String>) async throws(RPCError) -> TokenVerdict {
        do {
            return try await tokens.review(token, audience: Self.audience)
        } catch let error as TooManyReviews {
            throw RPCError(code: .resourceExhausted, message: error.description)
        } catch {
            logger.warning("Cannot review a token", metadata: ["error": "\(error)"])
            throw RPCError(code: .unavailable, message: "tokens cannot be checked at the moment: try again")
        }
    }
}
