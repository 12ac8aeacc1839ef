/// Labels or annotations of a Pod, as the kubelet writes them to a file: a line `key="value"` each, quoted as in Go.
func podInformation(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") {
        guard let equals = line.firstIndex(of: "=") else { continue }
        let quoted = line[line.index(after: equals)...]
        let value =
            quoted.hasPrefix("\"") && quoted.hasSuffix("\"") && quoted.utf8.count >= 2
            ? unquoted(quoted.dropFirst().dropLast()) : String(quoted)
        fields[String(line[..<equals])] = value
    }
    return fields
}

/// Undoes `\n`, `\"`, `\x41`, `\u0041` and the like; a broken escape stays as it is.
private func unquoted(_ text: Substring) -> String {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func hex(_ count: Int) -> UInt32? {
        guard rest.count >= count else { return nil }
        return UInt32(String(decoding: rest.prefix(count), as: UTF8.self), radix: 16)
    }
    while let octet = rest.popFirst() {
        guard octet == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
            octets.append(octet)
            continue
        }
        let known: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "a"): 7,
            UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
            UInt8(ascii: "\""): UInt8(ascii: "\""),
        ]
        let digits: [UInt8: Int] = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
        if let plain = known[escape] {
            octets.append(plain)
        } else if let count = digits[escape], let number = hex(count), let scalar = Unicode.Scalar(number) {
            rest = rest.dropFirst(count)
            if count == 2 {
                octets.append(UInt8(truncatingIfNeeded: number))
            } else {
                octets += Array(String(scalar).utf8)
            }
        } else {
            octets += [octet, escape]
        }
    }
    return String(decoding: octets, as: UTF8.self)
}
