import KubernetesModel

/// Where the Secrets of a gateway's cluster are looked up, and who says whether it may have them.
package struct CredentialPlace: Sendable {
    /// Secrets of another cluster, for gateways that may have those of that cluster as well.
    package struct Fallback: Sendable {
        package var secrets: any SecretReading
        /// Asks the API server of the cluster that these Secrets are of.
        package var authorizer: any SecretAuthorizer

        package init(secrets: any SecretReading, authorizer: any SecretAuthorizer) {
            self.secrets = secrets
            self.authorizer = authorizer
        }
    }

    /// How much of it a gateway may have.
    enum Reach: Comparable, Sendable {
        case nothing
        /// Not the fallback.
        case own
        case everything
    }

    /// The cluster's id; empty: the control plane's own.
    package var cluster: String
    package var secrets: any SecretReading
    package var authorizer: any SecretAuthorizer
    /// Where Secrets are looked up that are not there.
    package var fallback: Fallback?
    /// Another number: other Secrets, or somebody else to be asked.
    package var edition: UInt64

    package init(
        cluster: String, secrets: any SecretReading, authorizer: any SecretAuthorizer, fallback: Fallback? = nil,
        edition: UInt64
    ) {
        self.cluster = cluster
        self.secrets = secrets
        self.authorizer = authorizer
        self.fallback = fallback
        self.edition = edition
    }

    /// The Secret of a name, of those within reach.
    func secret(_ key: ObjectKey, within reach: Reach) -> CredentialSecret? {
        guard reach > .nothing else { return nil }
        return secrets.secret(key) ?? (reach == .everything ? fallback?.secrets.secret(key) : nil)
    }

    /// Whether what is not within reach is known not to be there.
    func isSynced(_ namespace: String, within reach: Reach) -> Bool {
        secrets.isSynced(namespace) && (reach < .everything || fallback?.secrets.isSynced(namespace) ?? true)
    }

    /// Keeps the Secrets of a namespace from now on; once for each ``release(_:)``.
    func retain(_ namespace: String) {
        secrets.retain(namespace)
        fallback?.secrets.retain(namespace)
    }

    func release(_ namespace: String) {
        secrets.release(namespace)
        fallback?.secrets.release(namespace)
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
