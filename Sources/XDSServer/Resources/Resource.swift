/// One xDS resource, encoded once; every stream that sends it shares the bytes.
package final class Resource: Sendable {
    /// The name clients ask for.
    package let name: String
    /// The encoded message, without the `Any` around it.
    package let body: [UInt8]
    /// The hash of the body.
    package let version: ResourceVersion
    /// Names of the resources that a client needs anew to warm this one: of a cluster its endpoints, of a listener its
    /// route configurations.
    package let dependents: [String]
    /// The share of this resource in the version of a set.
    let fingerprint: UInt64

    /// Makes a resource of an encoded message.
    package init(name: String, body: [UInt8], dependents: [String] = []) {
        self.name = name
        self.body = body
        self.dependents = dependents
        version = ResourceVersion(of: body)
        fingerprint = StableHash.hash(name, seed: version.rawValue)
    }
}

/// Resources are equal that have the same name and version.
extension Resource: Hashable {
    package static func == (left: Resource, right: Resource) -> Bool {
        left === right || (left.version == right.version && left.name == right.name)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(version)
    }
}

/// Bodies may be secrets: they are never part of a description.
extension Resource: CustomStringConvertible {
    package var description: String { "\(name)@\(version) (\(body.count) bytes)" }
}
