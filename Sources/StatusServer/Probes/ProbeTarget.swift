/// How the agent calls the application of its own Pod: as the kubelet would, around the proxy.
package struct ProbeTarget: Hashable, Sendable {
    /// The Pod's address: an application may listen there alone.
    package var address: String
    /// What the rules of capture let through to the application, untouched.
    package var source: String?

    /// Of a Pod.
    ///
    /// - Parameter usesLoopback: The application listens on the loopback address alone.
    package init(address: String, usesLoopback: Bool = false) {
        let isIPv6 = address.contains(":")
        self.address = usesLoopback ? (isIPv6 ? "::1" : "127.0.0.1") : address
        source = usesLoopback ? nil : (isIPv6 ? "::6" : "127.0.0.6")
    }

    /// A host that somebody names.
    package init(reaching host: String) {
        address = host
        source = nil
    }
}
