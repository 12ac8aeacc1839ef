import Glibc

/// An address of either family.
package struct IPAddress: Hashable, Sendable {
    /// Four, or sixteen.
    package let bytes: [UInt8]

    /// Reads what people write; nil: it is no address.
    package init?(_ text: String) {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var address = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &address) == 1 {
                bytes = address
                return
            }
        }
        return nil
    }
}
