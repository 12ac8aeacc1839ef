internal import KubernetesModel

extension TextRule {
    /// The name of an HTTP header.
    static let headerName = TextRule(
        "the name of a header: letters, digits, \"-\" and \"_\"", pattern: "^[-_A-Za-z0-9]+$"
    ) { text in
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
