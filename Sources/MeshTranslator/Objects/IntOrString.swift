/// A number or a name, as in `targetPort`.
package enum IntOrString: Hashable, Sendable, Decodable {
    case number(Int)
    case name(String)

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
            self = .number(number)
        } else {
            let text = try value.decode(String.self)
            self = Int(text).map(IntOrString.number) ?? .name(text)
        }
    }
}
