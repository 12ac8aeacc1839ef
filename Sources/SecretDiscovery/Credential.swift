import EnvoyAPI
import KubernetesModel
package import MeshModel
import NIOSSL
import SwiftProtobuf
package import XDSServer

/// Why a gateway does not get a credential that it asks for.
package struct CredentialProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package var credential: CredentialName
    package var namespace: String
    /// Where the gateways run; empty: in the control plane's own cluster.
    package var cluster = ""
    /// What was found and what to do, a sentence's end. Nothing of the Secret's content is in it.
    package var found: String

    package var description: String {
        "credential \"\(credential.name)\" of gateways in namespace \(namespace)\(cluster.isEmpty ? "" : " of cluster \(cluster)") cannot be used: \(found)"
    }
}

/// Makes of a namespace's Secrets what its gateways ask for.
package struct Credentials {
    package var namespace: String
    /// Of whose gateways; empty: the control plane's own cluster.
    package var cluster: String
    /// Of this namespace, by name.
    package var secret: (String) -> CredentialSecret?

    package init(
        namespace: String, cluster: String = "", secret: @escaping (String) -> CredentialSecret?
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.secret = secret
    }

    /// The resource that holds a certificate with its key, or authorities.
    ///
    /// Whatever the proxy could not use is not sent: what it has it keeps.
    package func resource(for name: CredentialName) throws(CredentialProblem) -> Resource {
        let message = name.isAuthority ? try authorities(name) : try certificate(name)
        do {
            return Resource(name: name.resource, body: try message.stableBytes())
        } catch {
            throw problem(name, "it cannot be encoded")
        }
    }

    private func problem(_ name: CredentialName, _ found: String) -> CredentialProblem {
        CredentialProblem(credential: name, namespace: namespace, cluster: cluster, found: found)
    }

    private func certificate(
        _ name: CredentialName
    ) throws(CredentialProblem) -> Envoy_Extensions_TransportSockets_Tls_V3_Secret {
        guard let secret = secret(name.name) else {
            throw problem(
                name, "there is no Secret \(namespace)/\(name.name); make one, with kubectl create secret tls")
        }
        let pair: (certificate: [UInt8], key: [UInt8])
        if let certificate = secret[.certificate], let key = secret[.key] {
            pair = (certificate, key)
        } else if let certificate = secret[.tlsCertificate], let key = secret[.tlsKey] {
            pair = (certificate, key)
        } else {
            throw problem(
                name, "Secret \(namespace)/\(name.name) needs the keys tls.crt and tls.key, or cert and key, in PEM")
        }
        if let found = fault(of: pair) { throw problem(name, "Secret \(namespace)/\(name.name) \(found)") }
        return .with {
            $0.name = name.resource
            $0.tlsCertificate.certificateChain.inlineBytes = .init(pair.certificate)
            $0.tlsCertificate.privateKey.inlineBytes = .init(pair.key)
            if let staple = secret[.staple] { $0.tlsCertificate.ocspStaple.inlineBytes = .init(staple) }
        }
    }

    private func authorities(
        _ name: CredentialName
    ) throws(CredentialProblem) -> Envoy_Extensions_TransportSockets_Tls_V3_Secret {
        guard let secret = name.secrets.lazy.compactMap({ self.secret($0) }).first else {
            throw problem(
                name,
                "there is neither Secret "
                    + name.secrets.map { "\(namespace)/\($0)" }.joined(separator: " nor ")
                    + "; make one with the authorities as key ca.crt")
        }
        let place = "Secret \(secret.metadata.key)"
        let revocations: [UInt8]?
        let authorities: [UInt8]
        if let found = secret[.authority] {
            (authorities, revocations) = (found, secret[.revocations])
        } else if let found = secret[.tlsAuthority] {
            (authorities, revocations) = (found, secret[.tlsRevocations])
        } else {
            throw problem(name, "\(place) needs the key ca.crt, or cacert, in PEM")
        }
        guard let read = try? NIOSSLCertificate.fromPEMBytes(authorities), !read.isEmpty else {
            throw problem(name, "\(place) holds authorities that are no certificates in PEM")
        }
        return .with {
            $0.name = name.resource
            $0.validationContext.trustedCa.inlineBytes = .init(authorities)
            if let revocations { $0.validationContext.crl.inlineBytes = .init(revocations) }
        }
    }

    /// What a proxy would refuse; nil if it would not. Read by the library that proxies read it by.
    private func fault(of pair: (certificate: [UInt8], key: [UInt8])) -> String? {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(pair.certificate), !chain.isEmpty else {
            return "holds a certificate that is none in PEM"
        }
        guard let key = try? NIOSSLPrivateKey(bytes: pair.key, format: .pem) else {
            return "holds a private key that is none in PEM, or has a passphrase"
        }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        if (try? NIOSSLContext(configuration: configuration)) == nil {
            return "holds a private key that is not its certificate's"
        }
        return nil
    }
}
