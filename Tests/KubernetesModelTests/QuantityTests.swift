import KubernetesModel
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ["2Gi", "2048Mi", "2097152Ki", "2147483648", "2147483648000m", "+2Gi"],
        ["0.5", "500m", ".5", "0.50", "5e-1", "500000u", "500000000n", "0.0005k"],
        ["1", "1000m", "1.", "1e0", "1E0", "01"],
        ["1e3", "1k", "1000", "1E3", "1e+3", "0.001M"],
        ["1.1Gi", "1181116006400m"],
        ["16.1", "16100m"],
        ["0.1Gi", "107374182400m"],
        ["1P", "1000T"],
        ["0.001E", "1P"],
        ["1Pi", "1024Ti"],
        ["0", "0m", "-0", "0Ei", "0e99"],
        ["-1500m", "-1.5"],
        ["0.0001", "1m", "100u"],
    ])
    func isEqualWhateverItsSpelling(_ spellings: [String]) {
        let amounts = spellings.map { Quantity($0)?.thousandths }
        #expect(amounts.first != .some(nil))
        #expect(Set(amounts).count == 1, "\(zip(spellings, amounts).map { "\($0) \($1 ?? -1)" })")
    }

    /// Every thousandth is what it says, not one of its binary neighbours.
    @Test func isExact() {
        for thousandths in stride(from: Int64(1), through: 200_000, by: 7) {
            let fraction = String(1000 + thousandths % 1000).dropFirst()
            #expect(Quantity("\(thousandths)m")?.thousandths == thousandths)
            #expect(Quantity("\(thousandths / 1000).\(fraction)")?.thousandths == thousandths)
        }
    }

    @Test(
        arguments: [
            ("1.0001", 1001), ("-1.0001", -1001), ("1n", 1), ("9223372036854775807m", Int64.max), ("1.5Ki", 1_536_000),
        ] as [(String, Int64)])
    func roundsAwayFromZero(_ text: String, _ thousandths: Int64) {
        #expect(Quantity(text)?.thousandths == thousandths)
    }

    @Test(arguments: [
        "", " ", "1 ", " 1", "Gi", "m", "-", "+", ".", "+-1", "--1", "1..2", "1.2.3", "1,5", "1gi", "1ki", "1GI", "1K",
        "1GiB", "1mm", "1e", "1e1.5", "1eK", "1e+", "0x10", "inf", "nan", "1Gi1", "½", "١", "1e99",
        "9223372036854775808m",
        "99999999Ei", "1234567890123456789012345678901", "1e99999999999",
    ])
    func refuses(_ text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test func isOrdered() throws {
        let ascending = ["-1", "0", "1m", "0.5", "1", "1k", "1Ki", "1M", "1Mi", "1Gi", "1Ti", "1P"]
        let amounts = try ascending.map { try #require(Quantity($0)) }
        #expect(amounts == amounts.sorted())
        #expect(Set(amounts).count == amounts.count)
    }
}
