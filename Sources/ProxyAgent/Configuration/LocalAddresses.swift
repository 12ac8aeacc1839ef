import Glibc

/// The addresses of this machine, or Pod, that others reach it by.
enum LocalAddresses {
    /// Those of interfaces that are up, in the order of the interfaces; none of the loopback, none of the link alone.
    static func read() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var addresses: [String] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            let flags = Int32(bitPattern: entry.pointee.ifa_flags)
            guard flags & Int32(IFF_UP) != 0, flags & Int32(IFF_LOOPBACK) == 0,
                let address = entry.pointee.ifa_addr, let text = text(of: address), isReachable(text),
                !addresses.contains(text)
            else { continue }
            addresses.append(text)
        }
        return addresses
    }

    /// Whether others can reach an address: it is not of the loopback, nor of the link alone.
    static func isReachable(_ address: String) -> Bool {
        if address.contains(":") {
            let lowercased = address.lowercased()
            return !lowercased.hasPrefix("fe80:") && lowercased != "::1" && lowercased != "::"
        }
        return !address.hasPrefix("127.") && !address.hasPrefix("169.254.") && address != "0.0.0.0"
    }

    static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let size: socklen_t
        switch Int32(address.pointee.sa_family) {
        case AF_INET: size = socklen_t(MemoryLayout<sockaddr_in>.size)
        case AF_INET6: size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        default: return nil
        }
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, size, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
