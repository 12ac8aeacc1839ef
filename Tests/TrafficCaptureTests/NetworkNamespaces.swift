import Foundation
import ProxyAgent

/// Two network namespaces joined by a cable: a Pod's and that of a peer. Gone with the value.
final class NetworkNamespaces: Sendable {
    static let programs = [
        "/usr/sbin/ip", "/usr/bin/setpriv", "/usr/bin/python3", "/usr/bin/nsenter", "/usr/sbin/nft",
        "/usr/sbin/iptables-nft", "/usr/sbin/iptables-legacy",
    ]
    /// Whether this machine can have them.
    static let arePossible = geteuid() == 0 && programs.allSatisfy(FileManager.default.isExecutableFile(atPath:))

    static let podIPv4 = "10.99.0.1"
    static let peerIPv4 = "10.99.0.2"
    static let podIPv6 = "fd99::1"
    static let peerIPv6 = "fd99::2"

    let pod: String
    let peer: String

    init() throws {
        let stem = "apus-capture-\(UUID().uuidString.prefix(8).lowercased())"
        (pod, peer) = (stem + "-pod", stem + "-peer")
        for name in [pod, peer] { try Self.run(["ip", "netns", "add", name]) }
        try Self.run(["ip", "-n", pod, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", peer])
        for (name, ipv4, ipv6) in [(pod, Self.podIPv4, Self.podIPv6), (peer, Self.peerIPv4, Self.peerIPv6)] {
            try Self.run(["ip", "-n", name, "link", "set", "lo", "up"])
            try Self.run(["ip", "-n", name, "addr", "add", "\(ipv4)/24", "dev", "eth0"])
            try Self.run(["ip", "-n", name, "addr", "add", "\(ipv6)/64", "dev", "eth0", "nodad"])
            try Self.run(["ip", "-n", name, "link", "set", "eth0", "up"])
            for interface in ["all", "eth0", "lo"] {
                try Self.run(["ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.conf.\(interface).rp_filter=0"])
            }
        }
    }

    deinit {
        for name in [pod, peer] { _ = try? Self.run(["ip", "netns", "del", name]) }
    }

    var podPath: String { "/run/netns/\(pod)" }

    /// Runs a command in a namespace and reads what it prints.
    @discardableResult
    func run(in namespace: String, as user: Int = 0, _ words: [String]) throws -> String {
        try Self.run(Self.entry(namespace, user) + words)
    }

    static func entry(_ namespace: String, _ user: Int, capabilities: String = "") -> [String] {
        let change = ["setpriv", "--reuid", String(user), "--regid", String(user), "--clear-groups"]
        let ambient = capabilities.isEmpty ? [] : ["--inh-caps", capabilities, "--ambient-caps", capabilities]
        return ["ip", "netns", "exec", namespace] + (user == 0 ? [] : change + ambient)
    }

    @discardableResult
    static func run(_ words: [String]) throws -> String {
        guard let outcome = try CommandRun(words: words).run() else {
            throw CommandFailure(description: "there is no \(words[0])")
        }
        guard outcome.succeeded else {
            throw CommandFailure(description: "\(words.joined(separator: " ")): \(outcome.errors)")
        }
        return outcome.output
    }
}

struct CommandFailure: Error, CustomStringConvertible {
    let description: String
}
