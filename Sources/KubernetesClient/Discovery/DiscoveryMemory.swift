import KubernetesModel

/// What a client has learnt of its server and need not ask again.
struct DiscoveryMemory: Sendable {
    /// The version of `policy` that takes evictions.
    var evictionVersion: String?
    /// The fields of the kinds that were asked for; nil for a kind that the server does not describe.
    var fields: [GroupVersionKind: FieldTree?] = [:]
}
