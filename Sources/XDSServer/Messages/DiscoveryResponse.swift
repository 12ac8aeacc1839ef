/// A response of either protocol, to be encoded around the shared bytes of its resources.
package struct DiscoveryResponse: Hashable, Sendable {
    package var typeURL: TypeURL
    /// Never the same twice.
    package var nonce: String
    /// `version_info` or `system_version_info`.
    package var version: ResourceVersion
    /// By name. In the state-of-the-world protocol of a type that is not named: all there are.
    package var resources: [Resource]
    /// Delta: names of what is gone or was never there.
    package var removed: [String]
    /// The snapshot, if the resources are all of it: then what is encoded once can be sent to many.
    package var whole: ResourceSnapshot?
}
