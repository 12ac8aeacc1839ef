package import X509

extension Certificate.SerialNumber {
    /// A serial number of 16 random octets, positive and never zero, as RFC 5280 section 4.1.2.2 asks.
    ///
    /// - Returns: 126 random bits from the system's generator below the bits `01`, which keep the length constant.
    package static func random() -> Certificate.SerialNumber {
        var generator = SystemRandomNumberGenerator()
        var octets = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        octets[0] = (octets[0] & 0x3f) | 0x40
        return Certificate.SerialNumber(bytes: octets)
    }
}
