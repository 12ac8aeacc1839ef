/// What tells services apart: a host name, within the namespace that defines it.
///
/// Host names of Kubernetes' Services are unique by themselves; other definitions of a host can repeat in several
/// namespaces.
package struct ServiceKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// In lower case, such as `reviews.default.svc.cluster.local`.
    package var hostname: String
    package var namespace: String

    package init(hostname: String, namespace: String) {
        self.hostname = hostname
        self.namespace = namespace
    }

    package var description: String { "\(hostname) (\(namespace))" }

    package static func < (left: ServiceKey, right: ServiceKey) -> Bool {
        (left.hostname, left.namespace) < (right.hostname, right.namespace)
    }
}
