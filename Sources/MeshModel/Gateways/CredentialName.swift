/// By which name a proxy asks for a Secret that holds a certificate, or authorities.
package struct CredentialName: Hashable, Sendable, Comparable {
    /// As a Gateway writes it: the Secret's name, with `-cacert` at its end if the authorities alone are wanted.
    package var name: String

    package init(_ name: String) { self.name = name }

    /// Reads what a proxy asks for; nil if it asks for anything else.
    package init?(resource: String) {
        guard resource.hasPrefix(Self.scheme) else { return nil }
        let name = resource.dropFirst(Self.scheme.count)
        guard !name.isEmpty, !name.contains("/") else { return nil }
        self.init(String(name))
    }

    /// `kubernetes://name`.
    package var resource: String { Self.scheme + name }

    /// The authorities alone are wanted.
    package var isAuthority: Bool { name.hasSuffix(ServerTLS.authoritySuffix) }

    /// The Secrets that may hold it, the first one that is there counts.
    package var secrets: [String] {
        isAuthority ? [name, String(name.dropLast(ServerTLS.authoritySuffix.count))].filter { !$0.isEmpty } : [name]
    }

    private static let scheme = "kubernetes://"

    package static func < (left: CredentialName, right: CredentialName) -> Bool { left.name < right.name }
}
