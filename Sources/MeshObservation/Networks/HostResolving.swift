#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Looks up host names.
package protocol HostResolving: Sendable {
    /// - Returns: The addresses of a name, sorted; at least one.
    /// - Throws: ``HostResolutionError``, also when there is no answer in time.
    func addresses(of name: String, within timeout: Duration) async throws -> [String]
}

/// Why a host name has no addresses.
package struct HostResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var problem: String

    package init(_ name: String, _ problem: String) {
        self.name = name
        self.problem = problem
    }

    package var description: String {
        "cannot look up \(name): \(problem). See to it that the control plane's DNS knows the name."
    }
}

/// As the system does: by its file of hosts, and by DNS. The system gives a lookup up when its own settings say so, if at
/// all: who asks does not wait for that.
package struct SystemHostResolver: HostResolving {
    private static let pool = LookupPool(threads: 4, lookUp: lookUp)

    package init() {}

    package func addresses(of name: String, within timeout: Duration) async throws -> [String] {
        try await Self.pool.addresses(of: name, within: timeout)
    }
}

private func lookUp(_ name: String) throws -> [String] {
    var hints = addrinfo()
    #if canImport(Glibc)
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
    hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &found)
    guard code == 0 else { throw HostResolutionError(name, String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(found) }
    var addresses: Set<String> = []
    var next = found
    while let info = next?.pointee {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let isText = getnameinfo(
            info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        if isText == 0 {
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            addresses.insert(String(decoding: bytes, as: UTF8.self))
        }
        next = info.ai_next
    }
    guard !addresses.isEmpty else { throw HostResolutionError(name, "it has no address") }
    return addresses.sorted()
}
