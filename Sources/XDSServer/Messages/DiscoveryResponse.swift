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
    /// What the bodies of the resources are, one by one, where that is not the type itself; the last is that of all that
    /// follow.
    package var bodyTypes: [TypeURL]

    package init(
        typeURL: TypeURL, nonce: String, version: ResourceVersion, resources: [Resource], removed: [String],
        whole: ResourceSnapshot?, bodyTypes: [TypeURL] = []
    ) {
        self.typeURL = typeURL
        self.nonce = nonce
        self.version = version
        self.resources = resources
        self.removed = removed
        self.whole = whole
        self.bodyTypes = bodyTypes
    }

    /// What the body of a resource is, by its place.
    package func bodyType(at index: Int) -> TypeURL {
        index < bodyTypes.count ? bodyTypes[index] : bodyTypes.last ?? typeURL
    }
}
