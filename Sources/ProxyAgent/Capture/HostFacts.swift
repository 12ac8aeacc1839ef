import TrafficCapture

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the capture asks of the machine it runs on.
struct HostFacts {
    /// The addresses of the interfaces but for loopback and link-local ones, in the order of the interfaces.
    let addresses: [AddressRange]
    /// The resolvers of /etc/resolv.conf.
    let nameServers: [String]
    /// The number of the user that Istio's packages run the proxy as on machines; nil: there is none.
    let proxyUser: String?

    init() {
        proxyUser = Self.number(ofUser: "istio-proxy", in: (try? String(contentsOfPath: "/etc/passwd")) ?? "")
        addresses = Self.interfaceAddresses()
        nameServers = Self.nameServers(of: (try? String(contentsOfPath: "/etc/resolv.conf")) ?? "")
    }

    /// Whether the proxy listens on IPv6: it does where the first address is one, or any in a dual stack.
    func usesIPv6(isDualStack: Bool) -> Bool {
        isDualStack ? addresses.contains { $0.family == .ipv6 } : addresses.first?.family == .ipv6
    }

    /// The resolvers that a resolv.conf names.
    static func nameServers(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count >= 2 && words[0] == "nameserver" ? String(words[1]) : nil
        }
    }

    /// The number that a passwd file gives a user.
    static func number(ofUser name: String, in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0] == name, UInt32(fields[2]) != nil { return String(fields[2]) }
        }
        return nil
    }

    private static func interfaceAddresses() -> [AddressRange] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [AddressRange] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let socketAddress = entry.ifa_addr, UInt32(entry.ifa_flags) & UInt32(loopbackFlag) == 0 else {
                continue
            }
            if let range = text(of: socketAddress).flatMap(AddressRange.init), !range.description.hasPrefix("fe80:") {
                addresses.append(range)
            }
        }
        return addresses
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let family = Int32(address.pointee.sa_family)
        let size: Int
        switch family {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var host = [CChar](repeating: 0, count: 64)
        guard getnameinfo(address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }

    private static let loopbackFlag = Int32(IFF_LOOPBACK)
}

extension String {
    /// Reads a small file.
    fileprivate init(contentsOfPath path: String) throws(CaptureError) {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw CaptureError("\(path): \(systemError(errno))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        self.init(decoding: bytes, as: UTF8.self)
    }
}
