import CertificateAuthority
import EnvoyAPI
import FoundationEssentials
import SwiftProtobuf
import XDSServer

/// A secret as the proxy reads it. Prints its name and version alone.
struct SecretResource: Hashable, Sendable, CustomStringConvertible {
    let name: String
    /// A hash of what is public of it.
    let version: String
    /// The encoded message.
    let body: [UInt8]

    var description: String { "\(name)@\(version)" }

    /// A secret without its bytes; for tests of who gets which.
    init(name: String, version: String, body: [UInt8] = []) {
        self.name = name
        self.version = version
        self.body = body
    }

    /// A certificate with its key.
    init(name: String, chain: String, key: PrivateKeyPEM) throws {
        try self.init(
            .with {
                $0.name = name
                $0.tlsCertificate.certificateChain.inlineBytes = Data(chain.utf8)
                $0.tlsCertificate.privateKey.inlineBytes = Data(key.revealed.utf8)
            }, hashing: chain)
    }

    /// Roots to verify peers against.
    init(name: String, roots: TrustBundle) throws {
        let pem = roots.pem
        try self.init(
            .with {
                $0.name = name
                $0.validationContext.trustedCa.inlineBytes = Data(pem.utf8)
            }, hashing: pem)
    }

    private init(_ message: Envoy_Extensions_TransportSockets_Tls_V3_Secret, hashing text: String) throws {
        name = message.name
        version = ResourceVersion(of: Array(text.utf8)).description
        body = try message.serializedBytes()
    }

    /// In its envelope.
    var packed: Google_Protobuf_Any {
        .with {
            $0.typeURL = TypeURL.secret.rawValue
            $0.value = Data(body)
        }
    }
}

/// What a secret's name says it is.
enum SecretName: Hashable, Sendable {
    /// The workload's certificate and key.
    case workload
    /// The roots of the mesh.
    case roots
    /// Files of the proxy's own machine.
    case fileCertificate(chain: String, key: String)
    case fileRoots(String)

    /// Nil: not the agent's to give.
    init?(_ name: String) {
        switch name {
        case "default": self = .workload
        case "ROOTCA": self = .roots
        default:
            if name.hasPrefix("file-cert:") {
                let parts = name.dropFirst("file-cert:".count).split(separator: "~", omittingEmptySubsequences: false)
                guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
                self = .fileCertificate(chain: String(parts[0]), key: String(parts[1]))
            } else if name.hasPrefix("file-root:") {
                let path = String(name.dropFirst("file-root:".count))
                guard !path.isEmpty else { return nil }
                self = .fileRoots(path)
            } else {
                return nil
            }
        }
    }

    /// The files that it is made of.
    var files: [String] {
        switch self {
        case .workload, .roots: []
        case .fileCertificate(let chain, let key): [chain, key]
        case .fileRoots(let path): [path]
        }
    }
}
