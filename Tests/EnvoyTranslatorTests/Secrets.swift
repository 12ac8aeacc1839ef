import EnvoyAPI
import EnvoyTesting
import SwiftProtobuf

extension TestAuthority {
    /// The certificate `default` of a workload, and the root `ROOTCA`, as the secrets of a proxy.
    func secrets(for spiffeIDs: [String]) throws -> [Envoy_Extensions_TransportSockets_Tls_V3_Secret] {
        let identity = try workload(spiffeIDs)
        return [
            .with {
                $0.name = "default"
                $0.tlsCertificate.certificateChain.inlineString = identity.certificate
                $0.tlsCertificate.privateKey.inlineString = identity.privateKey
            },
            .with {
                $0.name = "ROOTCA"
                $0.validationContext.trustedCa.inlineString = identity.root
            },
        ]
    }
}
