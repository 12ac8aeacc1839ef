import TrafficCapture

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tries whether connections are captured, before the proxy runs: listens in its place, and connects.
struct CaptureProbe {
    let settings: CaptureSettings
    let facts: HostFacts
    let port: UInt16
    let timeLimit: Duration

    /// Tries until a connection is captured or time is up.
    ///
    /// The proxy's own user reaches the Pod's own address by way of the inbound port; anybody else reaches any
    /// address by way of the outbound port.
    func run() throws(CaptureError) {
        guard !facts.addresses.isEmpty else {
            throw CaptureError("this network namespace has no address but loopback's: nothing can be captured in it")
        }
        let isProxy =
            settings.proxyUsers.contains(String(geteuid())) || settings.proxyGroups.contains(String(getegid()))
        for family in settings.families {
            let own = facts.addresses.first { $0.family == family }?.description.split(separator: "/").first
            guard let own else { continue }
            // 192.0.2.1 and 2001:db8::1 are nobody's.
            let address = isProxy ? String(own) : family == .ipv4 ? "192.0.2.1" : "2001:db8::1"
            if !isProxy, settings.outboundRanges != .all { continue }
            try probe(address, by: isProxy ? settings.inboundPort : settings.outboundPort, family)
        }
    }

    private func probe(_ address: String, by listening: UInt16, _ family: AddressFamily) throws(CaptureError) {
        let listener = try listener(on: listening, family)
        defer { close(listener) }
        let deadline = ContinuousClock.now + timeLimit
        var lastProblem = "nothing arrived"
        repeat {
            guard let target = SocketAddress(address, port) else { throw CaptureError("\(address) is no address") }
            let client = socket(family == .ipv4 ? AF_INET : AF_INET6, streamKind | nonBlocking, 0)
            guard client >= 0 else { throw CaptureError("no socket: \(systemError(errno))") }
            defer { close(client) }
            let connected = target.with { connect(client, $0, $1) }
            if connected != 0, errno != EINPROGRESS { lastProblem = systemError(errno) }
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 500) > 0 {
                let accepted = accept(listener, nil, nil)
                if accepted >= 0 {
                    close(accepted)
                    return
                }
            }
        } while ContinuousClock.now < deadline
        throw CaptureError(
            "a connection to \(address) port \(port) did not reach port \(listening) within \(timeLimit) "
                + "(\(lastProblem)): the rules of the capture are not in place. Look at `iptables-save -t nat` in this "
                + "network namespace; with a CNI plugin, see that it ran for this Pod")
    }

    private func listener(on port: UInt16, _ family: AddressFamily) throws(CaptureError) -> Int32 {
        guard let address = SocketAddress(family == .ipv4 ? "0.0.0.0" : "::", port) else {
            throw CaptureError("no address to listen on")
        }
        let listener = socket(family == .ipv4 ? AF_INET : AF_INET6, streamKind, 0)
        guard listener >= 0 else { throw CaptureError("no socket: \(systemError(errno))") }
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        if family == .ipv6 {
            setsockopt(listener, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.with({ bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0 else {
            let problem = systemError(errno)
            close(listener)
            throw CaptureError("cannot listen on port \(port) in the proxy's place: \(problem)")
        }
        return listener
    }
}

#if canImport(Glibc)
private let streamKind = Int32(SOCK_STREAM.rawValue)
private let nonBlocking = Int32(SOCK_NONBLOCK.rawValue)
#elseif canImport(Musl)
private let streamKind = SOCK_STREAM
private let nonBlocking = SOCK_NONBLOCK
#else
private let streamKind = SOCK_STREAM
private let nonBlocking: Int32 = 0
#endif

/// An address and a port as the system wants them.
private struct SocketAddress {
    private var storage: Storage
    private enum Storage {
        case ipv4(sockaddr_in)
        case ipv6(sockaddr_in6)
    }

    init?(_ address: String, _ port: UInt16) {
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        if inet_pton(AF_INET, address, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = port.bigEndian
            storage = .ipv4(ipv4)
        } else if inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = port.bigEndian
            storage = .ipv6(ipv6)
        } else {
            return nil
        }
    }

    func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        func lend<Address>(_ address: Address) -> Int32 {
            withUnsafeBytes(of: address) { bytes in
                guard let base = bytes.baseAddress else { return -1 }
                return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
        }
        return switch storage {
        case .ipv4(let address): lend(address)
        case .ipv6(let address): lend(address)
        }
    }
}
