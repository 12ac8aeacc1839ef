package import Authentication
import KubernetesClient
package import Observability

/// Who may see below `/debug`.
///
/// ```
/// loopback           everybody: who is in the Pod could read its memory just as well
/// TLS and a token    whom the cluster's RBAC lets "get" the path (nonResourceURLs)
/// plaintext          nobody: a token that crosses the network in the open is anybody's
/// ```
package struct DebugAccess: Sendable {
    private let tokens: any TokenReviewing
    private let access: any AccessReviewing

    package init(tokens: any TokenReviewing, access: any AccessReviewing) {
        self.tokens = tokens
        self.access = access
    }

    /// Why a request is not answered; nil: it is.
    package func refusal(of request: HTTPRequestView) async -> HTTPReply? {
        if request.isFromLoopback { return nil }
        guard request.isEncrypted else {
            return .text(
                "debugging is answered inside the Pod (kubectl exec, kubectl port-forward), and over TLS on the port of "
                    + "metrics to ServiceAccounts' tokens\n", status: 403)
        }
        guard let token = request.header("authorization").flatMap({ Secret(authorization: $0) }) else {
            return .unauthorized("send a ServiceAccount's token: Authorization: Bearer TOKEN")
        }
        do {
            switch try await tokens.review(token, audience: audience(of: token)) {
            case .refused(let reason): return .unauthorized(reason)
            case .authenticated(let user):
                if try await access.mayRead(request.path, user) { return nil }
                return .text(
                    "\(user.name) may not \"get\" \(request.path): grant it by a ClusterRole with nonResourceURLs\n",
                    status: 403)
            }
        } catch {
            return .text("nobody can be asked for access at the moment: try again\n", status: 503)
        }
    }

    /// Tokens for the mesh are taken, and those for the API server, which programs in Pods have anyway.
    private func audience(of token: Secret<String>) -> String? {
        let isForMesh = TokenClaims(token)?.audiences.contains(WorkloadAuthenticator.audience) ?? false
        return isForMesh ? WorkloadAuthenticator.audience : nil
    }
}

extension HTTPReply {
    fileprivate static func unauthorized(_ why: String) -> HTTPReply {
        var reply = HTTPReply.text("\(why)\n", status: 401)
        reply.headers = [Header(name: "WWW-Authenticate", value: "Bearer")]
        return reply
    }
}
