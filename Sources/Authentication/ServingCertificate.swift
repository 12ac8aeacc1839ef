package import CertificateAuthority
package import DiscoveryServer
package import FoundationEssentials
package import KubernetesModel
package import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization
import X509

/// What the control plane's TLS ports present, issued by the mesh's root and replaced at half of its life.
///
/// Connections that are open keep what they began with; the next handshake uses the new one. Clients' certificates are
/// verified against the same root's bundle.
package final class ServingCertificate: Service {
    /// How long one is good for.
    package static let lifetime: Duration = .seconds(24 * 3600)

    private struct State {
        var root: CAMaterial
        var certificate: ServerCertificate
        var discovery: NIOSSLContext
        var http: NIOSSLContext
    }

    private let names: [String]
    private let compliance: CompliancePolicy?
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let state: Mutex<State>

    /// Issues the first one.
    ///
    /// - Parameters:
    ///   - root: Signs, and says whom to trust.
    ///   - names: The DNS names, see ``names(namespace:revision:others:)``.
    ///   - compliance: What TLS is held to besides; nil: nothing.
    ///   - now: The wall clock.
    package init(
        root: CAMaterial, names: [String], compliance: CompliancePolicy? = nil, now: @escaping @Sendable () -> Date,
        logger: Logger
    ) throws {
        self.names = names
        self.compliance = compliance
        self.now = now
        self.logger = logger
        state = Mutex(try Self.issue(root, names, compliance, now()))
    }

    /// The names a control plane is called by: those of its Services, in Istio's order, and this host's.
    ///
    /// - Parameter others: Names that people gave it.
    package static func names(namespace: String, revision: String, others: [String] = []) -> [String] {
        var names = ["istiod", "istiod-remote", "istio-pilot"].map { "\($0).\(namespace).svc" }
        if !revision.isEmpty, revision != "default" { names.append("istiod-\(revision).\(namespace).svc") }
        names += ["localhost"] + others
        return names.enumerated().filter { !names[..<$0.offset].contains($0.element) }.map(\.element)
    }

    /// The one that is presented now.
    package var certificate: ServerCertificate { state.withLock { $0.certificate } }

    /// For gRPC: asks clients for certificates, and verifies those that are shown.
    package var discovery: any TLSContextSource { Port { self.state.withLock { $0.discovery } } }

    /// For HTTP/1.1: clients authenticate otherwise.
    package var http: any TLSContextSource { Port { self.state.withLock { $0.http } } }

    private struct Port: TLSContextSource {
        let current: @Sendable () -> NIOSSLContext

        var context: NIOSSLContext { current() }
    }

    /// Replaces the certificate in time, until the service ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A minute at a time: the wall clock may be set, and machines may sleep.
                guard (try? await Task.sleep(for: .seconds(60))) != nil else { return }
                self.renewIfDue()
            }
        }
    }

    /// Issues a new one if half of the life of the present one has passed. One that cannot be issued is tried again at
    /// the next call; the present one stays.
    package func renewIfDue() {
        let (root, certificate) = state.withLock { ($0.root, $0.certificate) }
        let now = now()
        if case .valid = rotationVerdict(for: certificate.certificate, now: now, graceRatio: 0.5) { return }
        replace(root, now)
    }

    /// Serves what another root signs from now on, and trusts whom it trusts.
    package func use(_ root: CAMaterial) { replace(root, now()) }

    private func replace(_ root: CAMaterial, _ now: Date) {
        do {
            let new = try Self.issue(root, names, compliance, now)
            state.withLock { $0 = new }
            logger.info(
                "Serving certificate replaced",
                metadata: ["expires": "\(new.certificate.certificate.notValidAfter.formatted(.iso8601))"])
        } catch {
            logger.error("Cannot issue the serving certificate", metadata: ["error": "\(error)"])
        }
    }

    private static func issue(
        _ root: CAMaterial, _ names: [String], _ compliance: CompliancePolicy?, _ now: Date
    ) throws -> State {
        let certificate = try root.serverCertificate(names: names, lifetime: lifetime, now: now)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificateChainPEM.utf8))
                .map { .certificate($0) },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(certificate.privateKey.revealed.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.comply(with: compliance)
        configuration.applicationProtocols = ["http/1.1"]
        let http = try NIOSSLContext(configuration: configuration)
        configuration.applicationProtocols = ["h2"]
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(root.rootCertificatePEM.utf8)))
        return State(
            root: root, certificate: certificate, discovery: try NIOSSLContext(configuration: configuration),
            http: http)
    }
}
