/// Paths of fields as messages name them: `spec.components.ingressGateways[0].k8s.nodeSelector["kubernetes.io/os"]`.
package enum FieldPath {
    /// The path of a field of the object at `path`; keys that are no plain words are quoted.
    package static func field(_ name: String, of path: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isPlain else { return "\(path)[\(JSONValue.string(name).jsonText)]" }
        return path.isEmpty ? name : "\(path).\(name)"
    }

    /// The path of an element of the list at `path`.
    package static func element(_ index: Int, of path: String) -> String { "\(path)[\(index)]" }
}
