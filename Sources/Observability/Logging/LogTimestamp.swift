#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A moment as log lines carry it: RFC 3339, UTC, microseconds.
struct LogTimestamp: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, not before it.
    var seconds: Int64
    /// Microseconds within the second.
    var microseconds: Int64

    /// The system's clock.
    static func now() -> LogTimestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTimestamp(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
    }

    /// Appends such as `2030-06-15T12:00:00.000042Z`.
    ///
    /// The date comes from the day number by the era method: 400 years of the Gregorian calendar are 146,097 days,
    /// and years begin in March, so that the leap day is a year's last.
    func append(to line: inout [UInt8]) {
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let ofDay = seconds % 86_400

        line.append(digits: year, width: 4)
        line.append(UInt8(ascii: "-"))
        line.append(digits: month, width: 2)
        line.append(UInt8(ascii: "-"))
        line.append(digits: day, width: 2)
        line.append(UInt8(ascii: "T"))
        line.append(digits: ofDay / 3600, width: 2)
        line.append(UInt8(ascii: ":"))
        line.append(digits: ofDay / 60 % 60, width: 2)
        line.append(UInt8(ascii: ":"))
        line.append(digits: ofDay % 60, width: 2)
        line.append(UInt8(ascii: "."))
        line.append(digits: microseconds, width: 6)
        line.append(UInt8(ascii: "Z"))
    }
}

extension [UInt8] {
    fileprivate mutating func append(digits value: Int64, width: Int) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
