/// An amount of a resource as Kubernetes writes it (`500m`, `2Gi`, `1e3`): comparable whatever its spelling.
package struct Quantity: Hashable, Sendable, Comparable {
    /// The amount in thousandths of the unit (bytes, cores, pieces), rounded up as the API server does.
    package var thousandths: Int64

    /// Reads a quantity; nil if it is none, or out of range.
    package init?(_ text: String) {
        let suffixStart = text.firstIndex { !($0.isASCII && ($0.isNumber || $0 == "." || $0 == "+" || $0 == "-")) }
        let number = text[..<(suffixStart ?? text.endIndex)]
        let suffix = text[(suffixStart ?? text.endIndex)...]
        guard let value = Double(number), let factor = Quantity.factor(of: suffix) else { return nil }
        let thousandths = (value * factor * 1000).rounded(.up)
        guard thousandths.magnitude < 9e18 else { return nil }
        self.thousandths = Int64(thousandths)
    }

    private static func factor(of suffix: Substring) -> Double? {
        switch suffix {
        case "n": 1e-9
        case "u": 1e-6
        case "m": 1e-3
        case "": 1
        case "k": 1e3
        case "M": 1e6
        case "G": 1e9
        case "T": 1e12
        case "P": 1e15
        case "E": 1e18
        case "Ki": 1024
        case "Mi": 1_048_576
        case "Gi": 1_073_741_824
        case "Ti": 1_099_511_627_776
        case "Pi": 1_125_899_906_842_624
        case "Ei": 1_152_921_504_606_846_976
        default:
            suffix.first == "e" || suffix.first == "E" ? Double("1e" + suffix.dropFirst()) : nil
        }
    }

    package static func < (left: Quantity, right: Quantity) -> Bool { left.thousandths < right.thousandths }
}
