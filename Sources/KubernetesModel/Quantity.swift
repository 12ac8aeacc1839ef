/// An amount of a resource as Kubernetes writes it (`500m`, `2Gi`, `1e3`): comparable whatever its spelling.
package struct Quantity: Hashable, Sendable, Comparable {
    /// The amount in thousandths of the unit (bytes, cores, pieces), rounded away from zero as the API server rounds.
    package var thousandths: Int64

    /// Reads a quantity; nil if it is none, or out of range (more than 30 digits, or beyond 9.2e15 units).
    package init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let (digits, fractionDigits) = Quantity.number(&rest),
            let scale = Quantity.scale(of: String(Substring(rest)))
        else { return nil }
        guard
            let magnitude = Quantity.thousandths(digits, binary: scale.binary, decimal: scale.decimal - fractionDigits)
        else { return nil }
        thousandths = isNegative ? -magnitude : magnitude
    }

    /// The digits at the start of `rest` as one whole number, and how many of them stand after the point.
    private static func number(_ rest: inout Substring.UTF8View) -> (digits: Int128, fractionDigits: Int)? {
        var (value, count, fractionDigits): (Int128, Int, Int) = (0, 0, 0)
        var isFraction = false
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard count < 30 else { return nil }
                value = value * 10 + Int128(byte - UInt8(ascii: "0"))
                count += 1
                if isFraction { fractionDigits += 1 }
            case UInt8(ascii: ".") where !isFraction: isFraction = true
            default: return count > 0 ? (value, fractionDigits) : nil
            }
            rest.removeFirst()
        }
        return count > 0 ? (value, fractionDigits) : nil
    }

    /// What a suffix multiplies by: 2 to the power of `binary` and 10 to the power of `decimal`.
    private static func scale(of suffix: String) -> (binary: Int, decimal: Int)? {
        switch suffix {
        case "n": return (0, -9)
        case "u": return (0, -6)
        case "m": return (0, -3)
        case "": return (0, 0)
        case "k": return (0, 3)
        case "M": return (0, 6)
        case "G": return (0, 9)
        case "T": return (0, 12)
        case "P": return (0, 15)
        case "E": return (0, 18)
        case "Ki": return (10, 0)
        case "Mi": return (20, 0)
        case "Gi": return (30, 0)
        case "Ti": return (40, 0)
        case "Pi": return (50, 0)
        case "Ei": return (60, 0)
        default:
            guard suffix.first == "e" || suffix.first == "E" else { return nil }
            return Int32(suffix.dropFirst()).map { (0, Int($0)) }
        }
    }

    private static func thousandths(_ digits: Int128, binary: Int, decimal: Int) -> Int64? {
        guard digits != 0 else { return 0 }
        var (value, overflows) = digits.multipliedReportingOverflow(by: 1 << Int128(binary))
        var exponent = decimal + 3
        while exponent > 0, !overflows {
            (value, overflows) = value.multipliedReportingOverflow(by: 10)
            exponent -= 1
        }
        guard !overflows else { return nil }
        var isRounded = false
        while exponent < 0, value != 0 {
            isRounded = isRounded || value % 10 != 0
            value /= 10
            exponent += 1
        }
        return Int64(exactly: value + (isRounded ? 1 : 0))
    }

    package static func < (left: Quantity, right: Quantity) -> Bool { left.thousandths < right.thousandths }
}
