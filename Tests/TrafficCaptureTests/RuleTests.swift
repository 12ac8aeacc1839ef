import MeshTesting
import Testing
import TrafficCapture

@Suite struct RuleTests {
    /// Settings in which everything is asked for.
    static var everything: CaptureSettings {
        get throws {
            var options = CaptureOptions()
            options.inboundPorts = "*"
            options.excludedInboundPorts = "15090,15021,15020"
            options.outboundRanges = "*"
            options.excludedOutboundRanges = "10.1.0.0/16,fd01::/64"
            options.outboundPorts = "8443"
            options.excludedOutboundPorts = "5432"
            options.excludedInterfaces = "eth1"
            options.virtualInterfaces = "tap0"
            options.excludedOwnerGroups = "202"
            options.redirectsNames = true
            options.capturesAllNames = true
            options.dropsInvalid = true
            options.capturesIPv6 = true
            return try options.settings()
        }
    }

    private func lines(
        _ settings: CaptureSettings, _ family: AddressFamily, _ chain: Chain, _ table: FilterTable = .nat
    )
        -> [String]
    {
        settings.rules(for: family).filter { $0.chain == chain && $0.table == table }.map(\.line)
    }

    @Test func packetsAreToldOfBeforeTheRuleThatTheyMeet() throws {
        var options = CaptureOptions()
        options.inboundPorts = "*"
        options.virtualInterfaces = "tap0"
        options.outboundRanges = "*"
        #expect(try !options.settings().rules.contains { $0.line.contains("NFLOG") })
        options.traces = true
        let settings = try options.settings()
        let log = { (name: String) in "-j NFLOG --nflog-prefix \"\(name)\" --nflog-group 1337 --nflog-size 20" }
        #expect(
            lines(settings, .ipv4, .output) == [
                "-A OUTPUT " + log("JumpOutbound"), "-A OUTPUT -j ISTIO_OUTPUT",
            ])
        #expect(
            lines(settings, .ipv4, .inbound).suffix(2) == [
                "-A ISTIO_INBOUND -p tcp " + log("InboundCapture"), "-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT",
            ])
        // The later of two rules that are put first stands before the other.
        #expect(
            lines(settings, .ipv4, .prerouting).suffix(2) == [
                "-I PREROUTING 1 -i tap0 -j ISTIO_REDIRECT", "-I PREROUTING 1 -i tap0 " + log("Kubevirt"),
            ])
        let state = IPTablesState(
            "*nat\n:ISTIO_OUTPUT - [0:0]\n-A OUTPUT -j NFLOG --nflog-prefix JumpOutbound --nflog-group 1337\nCOMMIT\n",
            mark: 1337)
        let replaced = IPTablesText.replacing(state, by: [], family: .ipv4).map(\.text).joined()
        #expect(replaced.contains("-D OUTPUT -j NFLOG --nflog-prefix JumpOutbound --nflog-group 1337\n"))
    }

    @Test func exceptionsComeBeforeTheRuleThatCapturesTheRest() throws {
        var settings = try Self.everything
        for mode in [CaptureSettings.InterceptionMode.redirect, .transparentProxy] {
            settings.mode = mode
            for family in AddressFamily.allCases {
                let outbound = lines(settings, family, .outbound)
                #expect(outbound.last == "-A ISTIO_OUTPUT -j ISTIO_REDIRECT")
                let table: FilterTable = mode == .redirect ? .nat : .mangle
                let inbound = lines(settings, family, .inbound, table)
                #expect(
                    inbound.last == "-A ISTIO_INBOUND -p tcp -j ISTIO_" + (mode == .redirect ? "IN_REDIRECT" : "TPROXY")
                )
                #expect(inbound.contains("-A ISTIO_INBOUND -p tcp --dport 15020 -j RETURN"))
            }
        }
    }

    @Test func excludedPortsAndRangesAreLeftAloneInTheirFamily() throws {
        let settings = try Self.everything
        let (ipv4, ipv6) = (lines(settings, .ipv4, .outbound), lines(settings, .ipv6, .outbound))
        #expect(ipv4.contains("-A ISTIO_OUTPUT -d 10.1.0.0/16 -j RETURN"))
        #expect(!ipv4.contains { $0.contains("fd01::") })
        #expect(ipv6.contains("-A ISTIO_OUTPUT -d fd01::/64 -j RETURN"))
        #expect(!ipv6.contains { $0.contains("10.1.0.0") || $0.contains("127.0.0") })
        for transport in ["tcp", "udp"] {
            #expect(ipv4.prefix(2).contains("-A ISTIO_OUTPUT -p \(transport) --dport 5432 -j RETURN"))
        }
        #expect(ipv4.contains("-A ISTIO_OUTPUT -p tcp --dport 8443 -j ISTIO_REDIRECT"))
        #expect(ipv4.contains("-A ISTIO_OUTPUT -m owner --gid-owner 202 -j RETURN"))
    }

    @Test func onlyNamedGroupsAreCaptured() throws {
        var options = CaptureOptions()
        options.ownerGroups = "java,202"
        options.excludedOwnerGroups = "9"
        let settings = try options.settings()
        #expect(
            lines(settings, .ipv4, .outbound).contains(
                "-A ISTIO_OUTPUT -m owner ! --gid-owner java -m owner ! --gid-owner 202 -j RETURN"))
        #expect(!lines(settings, .ipv4, .outbound).contains { $0.contains("--gid-owner 9 ") })
    }

    @Test func resolversAreCapturedInTheirFamilyOnly() throws {
        var options = CaptureOptions()
        options.redirectsNames = true
        options.capturesIPv6 = true
        options.nameServers = ["10.96.0.10", "fd00::a", "fe80::1%eth0"]
        let settings = try options.settings()
        #expect(lines(settings, .ipv4, .names).filter { $0.contains("-d 10.96.0.10/32") }.count == 2)
        #expect(!lines(settings, .ipv4, .names).contains { $0.contains("fd00::a") })
        #expect(lines(settings, .ipv6, .names).filter { $0.contains("-d fd00::a/128") }.count == 2)
        #expect(
            lines(settings, .ipv6, .inbound, .raw).contains(
                "-A ISTIO_INBOUND -p udp --sport 53 -s fe80::1/128 -j CT --zone 1"))
    }

    @Test func withoutIPv6ThereAreNoRulesForIt() throws {
        var settings = try Self.everything
        settings.capturesIPv6 = false
        #expect(settings.rules.allSatisfy { $0.family == .ipv4 })
    }

    @Test func everyJumpLeadsToAChainWithRules() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var options = CaptureOptions()
            options.inboundPorts = ["", "*", "80,81"].randomElement(using: &generator) ?? ""
            options.outboundRanges =
                ["", "*", "10.0.0.0/8,fd00::/8", "127.0.0.2/32"].randomElement(using: &generator) ?? ""
            options.interceptionMode = ["REDIRECT", "TPROXY", "NONE"].randomElement(using: &generator) ?? ""
            options.redirectsNames = Bool.random(using: &generator)
            options.capturesAllNames = Bool.random(using: &generator)
            options.nameServers =
                [[], ["10.0.0.1"], ["fd00::1"], ["10.0.0.1", "fd00::1"]].randomElement(using: &generator) ?? []
            options.dropsInvalid = Bool.random(using: &generator)
            options.capturesIPv6 = Bool.random(using: &generator)
            options.virtualInterfaces = ["", "tap0,tap1"].randomElement(using: &generator) ?? ""
            let rules = try options.settings().rules
            let filled = Set(rules.map { [$0.family.rawValue, $0.table.rawValue, $0.chain.name] })
            for rule in rules {
                guard case .jump(let chain) = rule.verdict else { continue }
                #expect(
                    filled.contains([rule.family.rawValue, rule.table.rawValue, chain.name]), "\(options): \(rule.line)"
                )
            }
        }
    }
}
