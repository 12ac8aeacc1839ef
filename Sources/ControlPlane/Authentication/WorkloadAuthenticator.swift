package import DiscoveryServer
import FoundationEssentials
package import GRPCCore
import KubernetesClient
package import Logging
import MeshModel
import X509

/// Authenticates xDS clients on the TLS port as Istio does: by client certificate, or else by ServiceAccount token.
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
    private let trustDomain: String
    private let now: @Sendable () -> Double
    private let logger: Logger

    /// - Parameters:
    ///   - tokens: Reviews tokens.
    ///   - trustDomain: In which the ServiceAccounts of tokens are.
    ///   - now: Seconds since 1970.
    package init(
        tokens: any TokenReviewing, trustDomain: String, now: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.tokens = tokens
        self.trustDomain = trustDomain
        self.now = now
        self.logger = logger
    }

    package func authenticate(_ peer: PeerConnection, metadata: Metadata) async throws -> PeerIdentity {
        do throws(RPCError) {
            return try await identity(of: peer, metadata)
        } catch {
            logger.info(
                "xDS client is not authenticated", metadata: ["peer": "\(peer.address)", "why": "\(error.message)"])
            throw error
        }
    }

    private func identity(of peer: PeerConnection, _ metadata: Metadata) async throws(RPCError) -> PeerIdentity {
        var problems: [String] = []
        if let uris = peer.certificateURIs {
            let names = uris.filter { SPIFFEIdentity($0) != nil }
            // A session that is taken up again was verified when it began.
            let isCurrent = peer.certificate.map { $0.notValidAfter.timeIntervalSince1970 > now() } ?? false
            if isCurrent, !names.isEmpty { return PeerIdentity(names: names) }
            problems.append(
                isCurrent ? "the client certificate names no workload of a mesh" : "the client certificate has expired")
        }
        for header in metadata[stringValues: "authorization"] {
            guard let token = Secret(authorization: header) else { continue }
            switch try await verdict(on: token) {
            case .refused(let reason): problems.append(reason)
            case .authenticated(let user):
                if let workload = user.serviceAccount {
                    return PeerIdentity(names: [workload.spiffeID(trustDomain: trustDomain)])
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
        } catch {
            logger.warning("Cannot review a token", metadata: ["error": "\(error)"])
            throw RPCError(code: .unavailable, message: "tokens cannot be checked at the moment: try again")
        }
    }
}
