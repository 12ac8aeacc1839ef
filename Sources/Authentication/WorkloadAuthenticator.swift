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
/// clusterid: of another cluster of the mesh ─► it is reviewed there
/// neither ─► UNAUTHENTICATED        nobody to ask ─► UNAVAILABLE: the client comes again
/// ```
package struct WorkloadAuthenticator: PeerAuthenticator {
    /// For whom proxies' tokens are issued.
    package static let audience = "istio-ca"

    private let tokens: any TokenReviewing
    private let clusterID: String
    private let otherClusters: @Sendable (String) -> (any TokenReviewing)?
    private let trustDomain: @Sendable () -> String
    private let isRevoked: @Sendable (Certificate) -> Bool
    private let now: @Sendable () -> Double
    private let logger: Logger

    /// - Parameters:
    ///   - tokens: Reviews tokens of the own cluster.
    ///   - clusterID: Of the own cluster.
    ///   - otherClusters: Who reviews tokens of another one; nil: it is not of the mesh.
    ///   - trustDomain: In which the ServiceAccounts of tokens are.
    ///   - isRevoked: Whether a certificate was taken back.
    ///   - now: Seconds since 1970.
    package init(
        tokens: any TokenReviewing, clusterID: String = "",
        otherClusters: @escaping @Sendable (String) -> (any TokenReviewing)? = { _ in nil },
        trustDomain: @autoclosure @escaping @Sendable () -> String,
        isRevoked: @escaping @Sendable (Certificate) -> Bool = { _ in false },
        now: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.tokens = tokens
        self.clusterID = clusterID
        self.otherClusters = otherClusters
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
            // An authenticator without an id takes all tokens for those of its cluster.
            let cluster = clusterID.isEmpty ? "" : Self.cluster(of: metadata)
            let isOwn = cluster.isEmpty || cluster == clusterID
            guard let reviewer = isOwn ? tokens : otherClusters(cluster) else {
                problems.append(
                    "the client says that it is of cluster \"\(cluster)\", and this control plane looks after "
                        + "\"\(clusterID)\" and the clusters that Secrets with istio/multiCluster=true let it into")
                break
            }
            switch try await verdict(on: token, by: reviewer) {
            case .refused(let reason): problems.append(reason)
            case .authenticated(let user):
                if let workload = user.serviceAccount {
                    return WorkloadCaller(
                        names: [workload.spiffeID(trustDomain: trustDomain())],
                        pod: user.boundPod(in: workload.namespace, cluster: isOwn ? "" : cluster))
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

    /// What a client says of where it is; as much of it as a name may have.
    private static func cluster(of metadata: Metadata) -> String {
        for cluster in metadata[stringValues: "clusterid"] { return String(cluster.prefix(253)) }
        return ""
    }

    private func verdict(
        on token: Secret<String>, by reviewer: any TokenReviewing
    ) async throws(RPCError) -> TokenVerdict {
        do {
            return try await reviewer.review(token, audience: Self.audience)
        } catch let error as TooManyReviews {
            throw RPCError(code: .resourceExhausted, message: error.description)
        } catch {
            logger.warning("Cannot review a token", metadata: ["error": "\(error)"])
            throw RPCError(code: .unavailable, message: "tokens cannot be checked at the moment: try again")
        }
    }
}
