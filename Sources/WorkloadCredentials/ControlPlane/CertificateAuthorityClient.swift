import AgentRuntime
import CertificateAuthority
import DiscoveryAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import X509

/// Asks a certificate authority to sign.
struct CertificateAuthorityClient: Sendable {
    let endpoint: ControlPlaneEndpoint
    /// After so long a call counts as failed.
    var timeout: Duration = .seconds(10)

    /// The certificate for a request.
    ///
    /// - Returns: What is to be presented, the leaf first, and the roots that count.
    /// - Throws: `RPCError`, ``FileProblem`` or `PEMProblem`.
    func certificate(for request: CertificateRequest, lifetime: Duration) async throws -> (
        chain: [Certificate], roots: TrustBundle
    ) {
        var message = Istio_V1_Auth_IstioCertificateRequest()
        message.csr = request.pem
        message.validityDuration = lifetime.components.seconds
        let call = ClientRequest(message: message, metadata: try endpoint.metadata())
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = timeout
        let response = try await bounded { [options] in
            try await withGRPCClient(transport: try endpoint.transport()) { client in
                let authority = Istio_V1_Auth_IstioCertificateService.Client(wrapping: client)
                return try await authority.createCertificate(request: call, options: options)
            }
        }
        // The last text holds the roots, of which there are several while one is replaced.
        let texts = response.certChain
        let chain = try PEMBlocks.certificates(in: texts.prefix(max(1, texts.count - 1)).joined(separator: "\n"))
        let roots = texts.count > 1 ? try TrustBundle(parsing: texts[texts.count - 1]) : TrustBundle([])
        return (chain, roots)
    }

    /// Whatever becomes of the connection, the call ends.
    private func bounded<Value: Sendable>(_ call: @Sendable @escaping () async throws -> Value) async throws -> Value {
        let work = Abandonable<Value>()
        let clock = Task {
            try await Task.sleep(for: timeout + .seconds(5))
            work.end(RPCError(code: .deadlineExceeded, message: "no answer within \(timeout)"))
        }
        defer { clock.cancel() }
        return try await work.run(call)
    }
}
