import KubernetesModel

/// Secrets of one place, and where that has none of a name, those of another.
struct LayeredSecrets: SecretReading {
    var first: any SecretReading
    var second: any SecretReading

    func secret(_ key: ObjectKey) -> CredentialSecret? { first.secret(key) ?? second.secret(key) }

    func isSynced(_ namespace: String) -> Bool { first.isSynced(namespace) && second.isSynced(namespace) }

    func retain(_ namespace: String) {
        first.retain(namespace)
        second.retain(namespace)
    }

    func release(_ namespace: String) {
        first.release(namespace)
        second.release(namespace)
    }

    func onChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        first.onChange(handler)
        second.onChange(handler)
    }
}
