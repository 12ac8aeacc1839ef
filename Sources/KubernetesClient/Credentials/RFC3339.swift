/// The moment that an RFC 3339 text names, in seconds since 1970; nil if it is none.
///
/// Takes any offset (`Z`, `+02:00`) and fractions of a second.
package func secondsSinceEpoch(rfc3339 text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
        bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
        let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
        let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
        1...12 ~= month, 1...31 ~= day, 0...23 ~= hour, 0...59 ~= minute, 0...60 ~= second
    else { return nil }

    var position = 19
    var fraction = 0.0
    if bytes[position] == UInt8(ascii: ".") {
        let digits = bytes[(position + 1)...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty, let value = Double("0." + String(decoding: digits, as: UTF8.self)) else { return nil }
        fraction = value
        position = digits.endIndex
    }
    guard let offset = offset(bytes[position...]) else { return nil }
    let days = daysSinceEpoch(year: year, month: month, day: day)
    return Double(days * 86_400 + hour * 3600 + minute * 60 + second - offset) + fraction
}

private func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.reduce(Optional(0)) { value, digit in
        guard let value, UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
        return value * 10 + Int(digit - UInt8(ascii: "0"))
    }
}

/// Seconds east of UTC.
private func offset(_ zone: ArraySlice<UInt8>) -> Int? {
    guard let sign = zone.first else { return nil }
    if sign | 0x20 == UInt8(ascii: "z") { return zone.count == 1 ? 0 : nil }
    let rest = zone.dropFirst()
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest.count == 5,
        rest[rest.startIndex + 2] == UInt8(ascii: ":"), let hours = number(rest.prefix(2)),
        let minutes = number(rest.suffix(2)), hours < 24, minutes < 60
    else { return nil }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years start in March so that leap days come last.
private func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let leapDays = year / 4 - year / 100 + year / 400
    return 365 * year + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
}
