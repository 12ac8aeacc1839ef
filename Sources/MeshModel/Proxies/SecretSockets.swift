package import KubernetesModel

/// Programs beside a proxy, other than its agent, that give it secrets: its agent says which there are.
package struct SecretSockets: Hashable, Sendable {
    /// One that has the credentials named `sds://…`.
    package var hasCredentials = false
    /// Another than the agent gives the workload's own certificate; those in files the agent gives, by another socket.
    package var hasWorkloadIdentity = false

    /// There is the agent alone.
    package init() {}

    /// - Parameter metadata: Of the node.
    package init(_ metadata: JSONValue) {
        hasCredentials = Self.isTrue(metadata["credential"])
        hasWorkloadIdentity = Self.isTrue(metadata["file-credential"])
    }

    private static func isTrue(_ value: JSONValue?) -> Bool { value?.bool ?? (value?.string == "true") }

    /// Whether a name of Gateways and DestinationRules is that of a credential which such a program has.
    package static func isCredential(_ name: String) -> Bool { name.hasPrefix("sds://") }
}
