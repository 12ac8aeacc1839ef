package import Authentication
import CertificateAuthority
import DiscoveryAPI
package import DiscoveryServer
package import FoundationEssentials
package import GRPCCore
import GRPCProtobuf
package import Logging
import Metrics
import SwiftProtobuf
import Synchronization

/// Signs certificates for workloads: `istio.v1.auth.IstioCertificateService` on the TLS port.
///
/// ```
/// caller ─► who is it?              WorkloadAuthenticator: certificate or token      UNAUTHENTICATED
///        ─► may it have that?       its own names, or those of Pods on its node      PERMISSION_DENIED
///        ─► is the request good?    PEM, PKCS#10, signed with its own key, lifetime  INVALID_ARGUMENT
///        ─► signed: those names, key of the request, nothing else of it              INTERNAL, UNAVAILABLE
/// ```
package final class CertificateService: CompanionService {
    private let authority: MeshAuthority
    private let authenticator: WorkloadAuthenticator
    private let impersonation: NodeImpersonation?
    private let external: KubernetesSigner?
    private let policy: CertificatePolicy
    private let metrics: CertificateMetrics
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let underWay = Atomic<Int>(0)

    /// - Parameters:
    ///   - authority: Signs.
    ///   - authenticator: Finds out who calls.
    ///   - impersonation: Says who may speak for whom; nil: nobody for others.
    ///   - external: Signs instead of the authority.
    ///   - policy: What may be had.
    ///   - metrics: Where numbers go.
    ///   - now: The wall clock.
    package init(
        _ authority: MeshAuthority, authenticator: WorkloadAuthenticator, impersonation: NodeImpersonation? = nil,
        external: KubernetesSigner? = nil, policy: CertificatePolicy,
        metrics: CertificateMetrics = CertificateMetrics(), now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.authority = authority
        self.authenticator = authenticator
        self.impersonation = impersonation
        self.external = external
        self.policy = policy
        self.metrics = metrics
        self.now = now
        self.logger = logger
    }

    package func registerMethods(with router: inout RPCRouter<DiscoveryServer.Transport>, peers: CallPeers) {
        typealias Method = Istio_V1_Auth_IstioCertificateService.Method.CreateCertificate
        router.registerHandler(
            forMethod: Method.descriptor, deserializer: ProtobufDeserializer<Method.Input>(),
            serializer: ProtobufSerializer<Method.Output>()
        ) { request, context in
            let request = try await ServerRequest(stream: request)
            let response = try await peers.serving(context) { peer in
                try await self.createCertificate(request.message, metadata: request.metadata, from: peer)
            }
            return StreamingServerResponse(single: ServerResponse(message: response))
        }
    }

    func createCertificate(
        _ request: Istio_V1_Auth_IstioCertificateRequest, metadata: Metadata, from peer: PeerConnection
    ) async throws(RPCError) -> Istio_V1_Auth_IstioCertificateResponse {
        metrics.requests.increment()
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= policy.concurrency else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            throw RPCError(
                code: .resourceExhausted,
                message: "\(policy.concurrency) certificates are being made already: try again a little later")
        }
        defer { underWay.wrappingSubtract(1, ordering: .relaxed) }
        let names = try await names(request, peer, metadata)
        let parsed = try parsed(request, peer)
        let lifetime = try lifetime(request)
        if let external { return try await signed(parsed, request, by: external, lifetime: lifetime, names: names) }
        return try signed(parsed, lifetime: lifetime, names: names)
    }

    /// Whom the certificate is to name.
    private func names(
        _ request: Istio_V1_Auth_IstioCertificateRequest, _ peer: PeerConnection, _ metadata: Metadata
    ) async throws(RPCError) -> [String] {
        let caller: WorkloadCaller
        do throws(RPCError) { caller = try await authenticator.caller(peer, metadata: metadata) } catch {
            metrics.authenticationFailures.increment()
            throw error
        }
        do throws(RPCError) {
            try checkDomain(caller.names)
            guard let wanted = request.word("ImpersonatedIdentity") else { return caller.names }
            return [try await impersonated(wanted, by: caller)]
        } catch {
            metrics.refusals.increment()
            logger.info(
                "Certificate is refused", metadata: ["peer": "\(peer.address)", "why": "\(error.message)"])
            throw error
        }
    }

    private func checkDomain(_ names: [String]) throws(RPCError) {
        let domains = policy.trustDomains()
        let foreign = names.filter { name in
            SPIFFEIdentity(name).map { !domains.contains($0.trustDomain) } ?? true
        }
        guard foreign.isEmpty else {
            throw RPCError(
                code: .permissionDenied,
                message: "\(foreign.joined(separator: ", ")) is not in the trust domain "
                    + "\(domains.joined(separator: ", ")) of this authority: ask the authority of that mesh")
        }
    }

    private func impersonated(_ name: String, by caller: WorkloadCaller) async throws(RPCError) -> String {
        guard let wanted = SPIFFEIdentity(name) else {
            throw RPCError(
                code: .invalidArgument,
                message: "field metadata.ImpersonatedIdentity holds no spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/NAME")
        }
        try checkDomain([name])
        guard let impersonation else {
            throw RPCError(
                code: .permissionDenied,
                message: "nobody may speak for others here: CA_TRUSTED_NODE_ACCOUNTS names those who may")
        }
        try await impersonation.check(caller, wants: wanted.workload)
        return wanted.description
    }

    private func parsed(
        _ request: Istio_V1_Auth_IstioCertificateRequest, _ peer: PeerConnection
    ) throws(RPCError) -> SigningRequest {
        do throws(PEMProblem) { return try SigningRequest(parsing: request.csr) } catch {
            metrics.parsingErrors.increment()
            logger.info(
                "Request for a certificate is bad", metadata: ["peer": "\(peer.address)", "found": "\(error.found)"])
            throw RPCError(code: .invalidArgument, message: "field csr holds \(error.found)")
        }
    }

    private func lifetime(_ request: Istio_V1_Auth_IstioCertificateRequest) throws(RPCError) -> Duration {
        do throws(LifetimeTooLong) { return try policy.lifetimes.granted(seconds: request.validityDuration) } catch {
            metrics.signingFailed("TTL_ERROR")
            throw RPCError(code: .invalidArgument, message: "field validity_duration: \(error)")
        }
    }

    private func signed(
        _ request: SigningRequest, lifetime: Duration, names: [String]
    ) throws(RPCError) -> Istio_V1_Auth_IstioCertificateResponse {
        do {
            let issued = try authority.issuer.issue(
                to: names, publicKey: request.publicKey, lifetime: lifetime, now: now())
            metrics.issued.increment()
            return .with { $0.certChain = issued.chainPEM }
        } catch let error as IssuerOutsideValidity {
            metrics.signingFailed("CA_NOT_READY")
            logger.error("Cannot issue a certificate", metadata: ["error": "\(error)"])
            throw RPCError(code: .unavailable, message: error.description)
        } catch {
            metrics.signingFailed("CERT_GEN_ERROR")
            logger.error("Cannot issue a certificate", metadata: ["error": "\(error)"])
            throw RPCError(code: .internalError, message: "the certificate cannot be made: see the control plane's log")
        }
    }

    /// Others sign a request as it is: it must not ask for more than is due, and what they give is looked at.
    private func signed(
        _ request: SigningRequest, _ message: Istio_V1_Auth_IstioCertificateRequest, by signer: KubernetesSigner,
        lifetime: Duration, names: [String]
    ) async throws(RPCError) -> Istio_V1_Auth_IstioCertificateResponse {
        if let problem = request.problem(askingFor: names) {
            metrics.signingFailed("CSR_ERROR")
            throw RPCError(code: .invalidArgument, message: "field csr holds \(problem.found)")
        }
        do {
            let text = try await signer.sign(
                message.csr, signer: message.word("CertSigner"), lifetime: lifetime)
            let chain = try ForeignChain(
                text, for: request.publicKey, names: names, roots: authority.material.trustBundle, now: now())
            metrics.issued.increment()
            return .with { $0.certChain = chain.chainPEM }
        } catch {
            metrics.signingFailed("CERT_GEN_ERROR")
            logger.warning("Cannot have a certificate signed", metadata: ["error": "\(error)"])
            let told = (error as? SigningFailure)?.description ?? "it cannot be signed: see the control plane's log"
            throw RPCError(code: .unavailable, message: told)
        }
    }
}

extension Istio_V1_Auth_IstioCertificateRequest {
    /// A word of the metadata; nil: it is not there or empty.
    fileprivate func word(_ name: String) -> String? {
        guard hasMetadata, case .stringValue(let text)? = metadata.fields[name]?.kind, !text.isEmpty else { return nil }
        return text
    }
}
