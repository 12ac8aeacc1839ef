import KubernetesModel

extension Quantity {
    /// The spelling an API server gives an amount: `2` for `2000m`, `1Gi` for `1024Mi`. What is no amount, or is
    /// written with an exponent, stays as it is.
    static func canonicalText(_ text: String) -> String {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = String(text.dropFirst(digits.count))
        guard !digits.isEmpty, let quantity = Quantity(text) else { return text }
        if let step = binarySuffixes.firstIndex(of: suffix) { return binary(digits, step, text) }
        guard decimalSuffixes.contains(suffix) || suffix == "m" else { return text }
        guard quantity.thousandths % 1000 == 0 else { return "\(quantity.thousandths)m" }
        return raised(quantity.thousandths / 1000, by: 1000, decimalSuffixes, from: 0)
    }

    private static func binary(_ digits: Substring, _ step: Int, _ text: String) -> String {
        guard let amount = Int64(digits) else { return text }
        return raised(amount, by: 1024, binarySuffixes, from: step)
    }

    private static func raised(_ amount: Int64, by factor: Int64, _ suffixes: [String], from step: Int) -> String {
        guard amount != 0 else { return "0" }
        var (amount, step) = (amount, step)
        while amount % factor == 0, step + 1 < suffixes.count { (amount, step) = (amount / factor, step + 1) }
        return "\(amount)\(suffixes[step])"
    }
}

private let binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
private let decimalSuffixes = ["", "k", "M", "G", "T", "P", "E"]
