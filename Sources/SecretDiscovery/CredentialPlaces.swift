/// Where the Secrets of a gateway's cluster are looked up, and who says whether it may have them.
package struct CredentialPlace: Sendable {
    /// The cluster's id; empty: the control plane's own.
    package var cluster: String
    package var secrets: any SecretReading
    package var authorizer: any SecretAuthorizer
    /// Another number: other Secrets, or somebody else to be asked.
    package var edition: UInt64

    package init(
        cluster: String, secrets: any SecretReading, authorizer: any SecretAuthorizer, edition: UInt64
    ) {
        self.cluster = cluster
        self.secrets = secrets
        self.authorizer = authorizer
        self.edition = edition
    }
}

/// The clusters that gateways run in.
package protocol CredentialPlaces: Sendable {
    /// What holds for gateways of a cluster. One that is not known is taken for the own one.
    func place(ofCluster id: String) -> CredentialPlace
    /// Calls `handler` when something else holds for gateways of a cluster.
    func onPlaceChange(_ handler: @escaping @Sendable (_ cluster: String) -> Void)
    /// Calls `handler` when a Secret has changed in any cluster, or with no name when a namespace has become known.
    func onSecretChange(_ handler: @escaping @Sendable (_ namespace: String, _ name: String?) -> Void)
}

/// The same for all gateways, wherever they run.
package struct OnePlace: CredentialPlaces {
    private let secrets: any SecretReading
    private let authorizer: any SecretAuthorizer

    package init(_ secrets: any SecretReading, authorizer: any SecretAuthorizer) {
        self.secrets = secrets
        self.authorizer = authorizer
    }

    package func place(ofCluster id: String) -> CredentialPlace {
        CredentialPlace(cluster: "", secrets: secrets, authorizer: authorizer, edition: 0)
    }

    package func onPlaceChange(_ handler: @escaping @Sendable (String) -> Void) {}

    package func onSecretChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        secrets.onChange(handler)
    }
}
