/// A kind as an API server serves it: what is needed to build its URLs.
package struct APIResource: Hashable, Sendable, CustomStringConvertible {
    package var group: String
    package var version: String
    package var kind: String
    /// Lower-case plural in URLs, such as `deployments`.
    package var plural: String
    package var isNamespaced: Bool

    package init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool) {
        self.group = group
        self.version = version
        self.kind = kind
        self.plural = plural
        self.isNamespaced = isNamespaced
    }

    package var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    package var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }
    package var groupKind: GroupKind { GroupKind(group: group, kind: kind) }
    package var apiVersion: String { groupVersion.description }
    package var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// The URL path of the kind's collection, or of one object, or of a subresource of it.
    ///
    /// A name that no object can have (nothing, `.`, `..`) gives a path that no object has: otherwise deleting the
    /// object without a name would delete the collection.
    ///
    /// - Parameters:
    ///   - namespace: Empty for all namespaces; ignored for cluster-scoped kinds.
    ///   - name: Nil for the collection.
    ///   - subresource: Such as `status`; needs a name.
    package func path(namespace: String = "", name: String? = nil, subresource: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, !namespace.isEmpty { path += "/namespaces/" + namespace.percentEncodedPathSegment }
        path += "/\(plural)"
        if let name { path += ["", ".", ".."].contains(name) ? "/%00" : "/" + name.percentEncodedPathSegment }
        if let subresource { path += "/\(subresource)" }
        return path
    }
}

extension String {
    /// This text with every byte escaped that may not stand in one segment of a URL's path or in a query value.
    package var percentEncodedPathSegment: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }
}
