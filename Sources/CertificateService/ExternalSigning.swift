/// Which signers of Kubernetes sign instead of the mesh's own authority.
///
/// ```
/// EXTERNAL_CA=ISTIOD_RA_KUBERNETES_API   they sign at all
/// K8S_SIGNER                             for those who ask for none in particular
/// CERT_SIGNER_DOMAIN                     metadata CertSigner NAME asks for signer DOMAIN/NAME
/// ```
package struct ExternalSigning: Hashable, Sendable {
    /// The signer of those who ask for none in particular.
    package var defaultSigner: String?
    /// What the callers' words for signers are below.
    package var domain: String?

    package init(defaultSigner: String? = nil, domain: String? = nil) {
        self.defaultSigner = defaultSigner
        self.domain = domain
    }

    /// Nil: the mesh's own authority signs.
    package init?(environment: [String: String]) {
        guard environment["EXTERNAL_CA"] == "ISTIOD_RA_KUBERNETES_API" else { return nil }
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(defaultSigner: text("K8S_SIGNER"), domain: text("CERT_SIGNER_DOMAIN"))
    }

    /// The full name of a signer.
    ///
    /// - Parameter wanted: The caller's word for it; nil: the default one.
    package func signer(_ wanted: String?) throws(SigningFailure) -> String {
        if let wanted, !wanted.isEmpty {
            guard let domain else {
                throw SigningFailure(
                    "signer \"\(wanted)\" is asked for, and no signers can be: set CERT_SIGNER_DOMAIN to the domain of "
                        + "those that may be")
            }
            let isName = wanted.utf8.count <= 253 && wanted.utf8.allSatisfy(Self.isNamePart)
            guard isName else { throw SigningFailure("\"\(wanted)\" is no name of a signer") }
            return "\(domain)/\(wanted)"
        }
        guard let defaultSigner else {
            throw SigningFailure("no signer is asked for, and there is none for that: set K8S_SIGNER")
        }
        return defaultSigner
    }

    private static func isNamePart(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
