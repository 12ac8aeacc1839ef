/// A moment as Kubernetes writes it: RFC 3339 in UTC.
package enum Timestamp {
    /// Whole seconds, as in `metav1.Time`: `2026-01-31T23:59:59Z`.
    ///
    /// - Parameter secondsSinceEpoch: Seconds since 1970-01-01T00:00:00Z, not before the year 0.
    package static func text(secondsSinceEpoch: Int64) -> String {
        let (day, second) = secondsSinceEpoch.flooredQuotientAndRemainder(dividingBy: 86_400)
        let (year, month, dayOfMonth) = date(daysSinceEpoch: day)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))Z"
    }

    /// Microseconds, as in `metav1.MicroTime`: `2026-01-31T23:59:59.000000Z`.
    package static func microText(microsecondsSinceEpoch: Int64) -> String {
        let (seconds, micros) = microsecondsSinceEpoch.flooredQuotientAndRemainder(dividingBy: 1_000_000)
        return text(secondsSinceEpoch: seconds).dropLast() + ".\(padded(micros, 6))Z"
    }

    /// The civil date of a day count (Howard Hinnant's algorithm, proleptic Gregorian calendar).
    private static func date(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let (era, dayOfEra) = shifted.flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
