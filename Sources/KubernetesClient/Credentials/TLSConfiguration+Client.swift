import NIOSSL

extension TLSConfiguration {
    /// TLS as a client's configuration asks for it: 1.2 or newer, the server's chain and name checked.
    ///
    /// - Parameter certificate: Its content; files are read before.
    init(for configuration: ClientConfiguration, presenting certificate: ClientCertificate?) throws(KubeConfigError) {
        self = .makeClientConfiguration()
        minimumTLSVersion = .tlsv12
        if configuration.skipsServerVerification {
            certificateVerification = .none
        } else if let pem = configuration.trustRootsPEM {
            do {
                trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(pem))
            } catch {
                throw KubeConfigError(
                    file: configuration.origin, field: "certificate-authority",
                    problem: "holds no PEM certificates: \(error)")
            }
        }
        guard case .inline(let chain, let key) = certificate else { return }
        do {
            certificateChain = try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) }
        } catch {
            throw KubeConfigError(
                file: configuration.origin, field: "client-certificate", problem: "holds no PEM certificate: \(error)")
        }
        do {
            privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key.exposed, format: .pem))
        } catch {
            throw KubeConfigError(
                file: configuration.origin, field: "client-key", problem: "holds no PEM private key: \(error)")
        }
    }
}
