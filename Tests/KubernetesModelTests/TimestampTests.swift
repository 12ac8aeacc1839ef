import KubernetesModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (-86_400, "1969-12-31T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (2_147_483_648, "2038-01-19T03:14:08Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-2_203_891_200, "1900-03-01T00:00:00Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func saysTheMoment(_ seconds: Int64, _ text: String) {
        #expect(Timestamp.text(secondsSinceEpoch: seconds) == text)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (-1_000_000, "1969-12-31T23:59:59.000000Z"),
            (1_767_225_600_123_456, "2026-01-01T00:00:00.123456Z"),
            (1_767_225_600_000_450, "2026-01-01T00:00:00.000450Z"),
        ] as [(Int64, String)])
    func saysMicroseconds(_ micros: Int64, _ text: String) {
        #expect(Timestamp.microText(microsecondsSinceEpoch: micros) == text)
    }

    /// Day after day over four centuries, by the rules of the calendar.
    @Test func countsEveryDay() {
        var (year, month, day) = (1901, 1, 1)
        var seconds: Int64 = -2_177_452_800
        for _ in 0..<146_097 {
            let text = Timestamp.text(secondsSinceEpoch: seconds)
            let expected = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T00:00:00Z"
            guard text == expected else {
                Issue.record("\(text) instead of \(expected)")
                return
            }
            seconds += 86_400
            day += 1
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2301)
    }
}
