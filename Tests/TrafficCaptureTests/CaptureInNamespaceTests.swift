import ProxyAgent
import Testing
import TrafficCapture

/// Rules in the kernel, connections through them.
@Suite(
    .enabled(if: NetworkNamespaces.arePossible, "needs root, iproute2, util-linux, iptables, nftables and Python"),
    .serialized)
struct CaptureInNamespaceTests {
    enum Writer: String, CaseIterable, CustomTestStringConvertible {
        case nft, legacy, native

        var flags: [String] {
            self == .native ? ["--native-nftables"] : ["--force-iptables-binary=\(rawValue)"]
        }
        var testDescription: String { rawValue }

        /// Every rule of a namespace, without counters and comments.
        func rules(_ namespaces: NetworkNamespaces) throws -> [String] {
            let programs =
                switch self {
                case .nft: [["iptables-nft-save"], ["ip6tables-nft-save"]]
                case .legacy: [["iptables-legacy-save"], ["ip6tables-legacy-save"]]
                case .native: [["nft", "list", "ruleset"]]
                }
            return try programs.flatMap { try namespaces.run(in: namespaces.pod, $0).split(separator: "\n") }
                .filter { !$0.hasPrefix("#") && !$0.hasPrefix(":") }.map(String.init)
        }
    }

    private func capture(_ namespaces: NetworkNamespaces, _ flags: [String], clean: Bool = false) throws {
        let command = try CaptureCommand(
            arguments: ["--network-namespace=\(namespaces.podPath)"] + flags,
            environment: ["ENABLE_INBOUND_IPV6": "true"], cleansOnly: clean)
        #expect(try command.run() == "")
    }

    private static let all = [
        "-b", "*", "-d", "15020", "-i", "*", "--redirect-dns", "--capture-all-dns", "--drop-invalid",
    ]

    @Test(arguments: Writer.allCases)
    func trafficGoesThroughTheProxyAndTheProxysDoesNot(writer: Writer) throws {
        let namespaces = try NetworkNamespaces()
        let (pod, peer) = (namespaces.pod, namespaces.peer)
        try capture(namespaces, Self.all + writer.flags)
        let proxy = try Sockets.Servers(in: pod, as: 1337, ["15001", "15006", "15053"])
        let application = try Sockets.Servers(in: pod, as: 1000, ["8080", "15020"])
        let other = try Sockets.Servers(in: peer, as: 0, ["9000", "53"])
        for (podIP, peerIP, loopback) in [
            (NetworkNamespaces.podIPv4, NetworkNamespaces.peerIPv4, "127.0.0.1"),
            (NetworkNamespaces.podIPv6, NetworkNamespaces.peerIPv6, "::1"),
        ] {
            func ask(_ namespace: String, _ user: Int, _ address: String, _ port: Int, udp: Bool = false) throws
                -> String
            {
                try Sockets.ask(namespaces, from: namespace, as: user, address, port, udp: udp)
            }
            // In: captured, but for an excluded port.
            #expect(try ask(peer, 0, podIP, 8080) == "8080 via 15006")
            #expect(try ask(peer, 0, podIP, 15020) == "15020 via 15020")
            // Out: the application's is captured, the proxy's is not.
            #expect(try ask(pod, 1000, peerIP, 9000) == "9000 via 15001")
            #expect(try ask(pod, 1337, peerIP, 9000) == "9000 via 9000")
            // To itself: not captured, by loopback and by its own address; the proxy's goes in by the front door.
            #expect(try ask(pod, 1000, loopback, 8080) == "8080 via 8080")
            #expect(try ask(pod, 1000, podIP, 8080) == "8080 via 8080")
            #expect(try ask(pod, 1337, podIP, 8080) == "8080 via 15006")
            // Lookups reach the agent, the agent's own do not.
            #expect(try ask(pod, 1000, peerIP, 53, udp: true) == "asked via 15053")
            #expect(try ask(pod, 1000, peerIP, 53) == "53 via 15053")
            #expect(try ask(pod, 1337, peerIP, 53, udp: true) == "asked via 53")
        }
        withExtendedLifetime((proxy, application, other)) {}
    }

    @Test(arguments: Writer.allCases)
    func aTransparentProxySeesWhereItWasCalled(writer: Writer) throws {
        let namespaces = try NetworkNamespaces()
        try capture(namespaces, ["-b", "*", "-i", "*", "-m", "TPROXY"] + writer.flags)
        let proxy = try Sockets.Servers(in: namespaces.pod, as: 1337, ["t15006", "15001"])
        for address in [NetworkNamespaces.podIPv4, NetworkNamespaces.podIPv6] {
            #expect(try Sockets.ask(namespaces, from: namespaces.peer, address, 8080) == "8080 via 15006")
        }
        #expect(try Sockets.ask(namespaces, from: namespaces.pod, NetworkNamespaces.peerIPv4, 9000) == "9000 via 15001")
        withExtendedLifetime(proxy) {}
    }

    @Test(arguments: Writer.allCases)
    func twiceIsOnceAndCleanLeavesWhatWasThere(writer: Writer) throws {
        let namespaces = try NetworkNamespaces()
        let foreign =
            writer == .native
            ? [["nft", "add", "table", "ip", "other"]]
            : [
                ["iptables-\(writer)", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "7", "-j", "ACCEPT"],
                ["iptables-\(writer)", "-t", "mangle", "-A", "OUTPUT", "-p", "tcp", "--dport", "7", "-j", "ACCEPT"],
                ["ip6tables-\(writer)", "-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "7", "-j", "ACCEPT"],
            ]
        for words in foreign { try namespaces.run(in: namespaces.pod, words) }
        let before = try writer.rules(namespaces).filter { $0.contains("7") || $0.contains("other") }
        #expect(!before.isEmpty)
        for mode in ["REDIRECT", "TPROXY"] {
            let flags = Self.all + ["-m", mode, "-c", "eth9", "-k", "tap0,tap1"] + writer.flags
            try capture(namespaces, flags)
            let once = try writer.rules(namespaces)
            #expect(once.count > 40)
            try capture(namespaces, flags)
            #expect(try writer.rules(namespaces) == once)
            // Fewer rules take the place of more.
            try capture(namespaces, ["-b", "80"] + writer.flags)
            let fewer = try writer.rules(namespaces)
            #expect(!fewer.contains { $0.contains("tap0") || $0.contains("eth9") || $0.contains("TPROXY") })
        }
        try capture(namespaces, [], clean: true)
        let after = try writer.rules(namespaces)
        #expect(!after.contains { $0.uppercased().contains("ISTIO") })
        #expect(after.filter { $0.contains("7") || $0.contains("other") } == before)
        #expect(try namespaces.run(in: namespaces.pod, ["ip", "rule"]).contains("133") == false)
    }

    @Test func theRulesOfOneWriterTakeThePlaceOfAnothers() throws {
        let namespaces = try NetworkNamespaces()
        for writer in [Writer.legacy, .nft, .native, .legacy] {
            try capture(namespaces, Self.all + writer.flags)
            for other in Writer.allCases where other != writer && !(other == .native && writer == .nft) {
                let left = try other.rules(namespaces).filter { $0.lowercased().contains("istio") }
                #expect(left.isEmpty, "\(other) after \(writer): \(left)")
            }
        }
    }

    @Test func theFirstRuleThatFailsIsNamed() throws {
        let namespaces = try NetworkNamespaces()
        for (writer, rule) in [
            (Writer.nft, "-A ISTIO_OUTPUT -m owner --gid-owner no-such-group -j RETURN"),
            (.legacy, "-A ISTIO_OUTPUT -m owner --gid-owner no-such-group -j RETURN"),
            (.native, "meta skgid \"no-such-group\" return"),
        ] {
            let command = try CaptureCommand(
                arguments: ["--network-namespace=\(namespaces.podPath)", "-i", "*"] + writer.flags,
                environment: ["ENABLE_INBOUND_IPV6": "false", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE": "no-such-group"],
                cleansOnly: false)
            let error = #expect(throws: (any Error).self) { try command.run() }
            #expect("\(error.map { "\($0)" } ?? "")".contains(rule))
            #expect(try writer.rules(namespaces).contains { $0.lowercased().contains("istio") } == false)
        }
    }
}
