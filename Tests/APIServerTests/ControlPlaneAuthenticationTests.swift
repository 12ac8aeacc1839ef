import Authentication
import CertificateAuthority
import CertificateService
import ControlPlane
import DiscoveryServer
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import MeshModel
import ServiceLifecycle
import Testing
import XDSServer

extension OwnClusterTests {
    /// Real tokens and rights, asked about with the control plane's own account: with exactly the rights it is granted.
    @Suite struct ControlPlaneAuthenticationTests {}
}

extension OwnClusterTests.ControlPlaneAuthenticationTests {
    private func refused(_ verdict: TokenVerdict) -> Bool { if case .refused = verdict { true } else { false } }

    @Test func tokensAreReviewed() async throws {
        try await ControlPlaneSite.with { site in
            let own = try await site.token(of: "reviews", for: "istio-ca")
            let foreign = try await site.token(of: "reviews", for: "vault")
            try await site.cluster.withClient(site.account) { client in
                try await waitUntilAllowed("create", "tokenreviews", group: "authentication.k8s.io", client)
                let reviewer = TokenReviewer(client: client)
                guard case .authenticated(let user) = try await reviewer.review(own, audience: "istio-ca") else {
                    Issue.record("refused")
                    return
                }
                #expect(user.name == "system:serviceaccount:\(site.namespace):reviews")
                #expect(
                    user.serviceAccount == WorkloadIdentity(namespace: site.namespace, serviceAccount: "reviews"))
                #expect(user.groups.contains("system:serviceaccounts"))
                #expect(!user.uid.isEmpty)

                #expect(try await refused(reviewer.review(foreign, audience: "istio-ca")))
                #expect(try await refused(reviewer.review(own, audience: nil)))
                var forged = own.exposed
                forged.removeLast(8)
                #expect(try await refused(reviewer.review(Secret(forged + "AAAAAAAA"), audience: "istio-ca")))

                // A token dies with its account, as soon as the API server forgets that it has seen it.
                _ = try await site.cluster.client.delete(.serviceAccounts, site.key("reviews"))
                try await within(.seconds(90), "the end of the token") {
                    while try await !refused(reviewer.review(own, audience: "istio-ca")) {
                        try await Task.sleep(for: .milliseconds(200))
                    }
                }
            }
        }
    }

    @Test func rightsAreReviewed() async throws {
        try await ControlPlaneSite.with { site in
            let token = try await site.token(of: "operator", for: "istio-ca")
            let role = "debug-\(site.namespace)"
            try await site.cluster.withClient(site.account) { client in
                try await waitUntilAllowed("create", "tokenreviews", group: "authentication.k8s.io", client)
                try await waitUntilAllowed("create", "subjectaccessreviews", group: "authorization.k8s.io", client)
                let reviewer = AccessReviewer(client: client)
                guard
                    case .authenticated(let user) = try await TokenReviewer(client: client)
                        .review(token, audience: "istio-ca")
                else {
                    Issue.record("refused")
                    return
                }
                #expect(try await !reviewer.mayRead("/debug/syncz", user))
                try await site.grantDebugging(role, to: "operator")
                let result: Result<Void, any Error>
                do {
                    while try await !reviewer.mayRead("/debug/syncz", user) {
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    #expect(try await !reviewer.mayRead("/debug/config_dump", user))
                    result = .success(())
                } catch {
                    result = .failure(error)
                }
                for resource in [APIResource.clusterRoles, .clusterRoleBindings] {
                    _ = try await site.cluster.client.delete(resource, ObjectKey(name: role))
                }
                try result.get()
            }
        }
    }

    /// A proxy with the token of its Pod is served over TLS as itself, and as nobody else.
    @Test func proxiesAuthenticateByTheirToken() async throws {
        try await ControlPlaneSite.with { site in
            let own = try await site.token(of: "reviews", for: "istio-ca")
            let foreign = try await site.token(of: "reviews", for: "vault")
            try await site.cluster.withClient(site.account) { client in
                try await waitUntilAllowed("create", "tokenreviews", group: "authentication.k8s.io", client)
                let log = Journal<LogEntry>()
                let root = try SelfSignedRoot().material(now: .now)
                let security = try MeshSecurity(
                    MeshAuthority(root), namespace: site.namespace, revision: "default",
                    trustDomains: { ["cluster.local"] }, client: client, now: { .now }, logger: log.logger)
                let resource = Resource(name: "a", body: [])
                let source = StaticSource(ResourceCache([.cluster: ResourceSnapshot([resource])]))
                let service = AggregatedDiscoveryService(
                    source: AuthorizedSource(source, logger: log.logger), logger: log.logger)
                let server = DiscoveryServer(
                    service, address: .ipv4(host: "127.0.0.1", port: 0),
                    security: .tls(security.certificate.discovery), authenticator: security.authenticator,
                    logger: log.logger)
                try await withServices([server, security.certificate]) { _ in
                    let port = try #require(try await server.boundPort)
                    func ask(_ token: Secret<String>?, _ account: String, in namespace: String) async throws -> String {
                        try await withTokenProxy(
                            port: port, host: "istiod.\(site.namespace).svc", rootPEM: root.rootCertificatePEM,
                            token: token, account: account, namespace: namespace)
                    }
                    #expect(try await ask(own, "reviews", in: site.namespace) == TypeURL.cluster.rawValue)
                    for (token, account, namespace, code) in [
                        (own, "reviews", "kube-system", .permissionDenied),
                        (own, "default", site.namespace, .permissionDenied),
                        (foreign, "reviews", site.namespace, .unauthenticated),
                        (nil, "reviews", site.namespace, .unauthenticated),
                    ] as [(Secret<String>?, String, String, RPCError.Code)] {
                        let error = await #expect(throws: RPCError.self) {
                            _ = try await ask(token, account, in: namespace)
                        }
                        #expect(error?.code == code, "\(account) \(namespace): \(error?.message ?? "")")
                    }
                }
                for token in [own, foreign] {
                    #expect(!log.entries.contains { $0.text.contains(token.exposed) })
                }
            }
        }
    }
}
