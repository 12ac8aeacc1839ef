import Testing
import TrafficCapture

@testable import ProxyAgent

@Suite struct OptionTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1/32", AddressFamily.ipv4), ("10.1.2.3/8", "10.1.2.3/8", .ipv4),
        ("0.0.0.0/0", "0.0.0.0/0", .ipv4), ("fd00::/8", "fd00::/8", .ipv6), ("::1", "::1/128", .ipv6),
        ("::ffff:10.0.0.1/128", "::ffff:10.0.0.1/128", .ipv6), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128", .ipv6),
    ])
    func rangesAreReadAsWritten(text: String, expected: String, family: AddressFamily) throws {
        let range = try #require(AddressRange(text))
        #expect(range.description == expected)
        #expect(range.family == family)
    }

    @Test(arguments: [
        "", "*", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/+8", "1:2", "1::2::3", "fd00::/129",
        "::1%eth0", "1:2:3:4:5:6:7:8:9", "12345::", "10.0.0.0/8 -j ACCEPT", "a.b.c.d",
    ])
    func whatIsNoRangeIsRefused(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func allFaultsAreToldAtOnceWithTheirFlags() {
        var options = CaptureOptions()
        options.envoyPort = "http"
        options.interceptionMode = "SOMETIMES"
        options.excludedOutboundRanges = "*"
        options.inboundPorts = "80,99999"
        options.proxyUID = "1337 -j ACCEPT"
        options.virtualInterfaces = "-j"
        let error = #expect(throws: CaptureOptionsError.self) { try options.settings() }
        let said = error?.description ?? ""
        for flag in [
            "--envoy-port", "--istio-inbound-interception-mode", "--istio-service-exclude-cidr",
            "--istio-inbound-ports",
            "--kube-virt-interfaces",
        ] {
            #expect(said.contains(flag), "\(flag) is not named in: \(said)")
        }
    }

    @Test func noResolverMeansNoCaptureOfLookups() throws {
        var options = CaptureOptions()
        options.redirectsNames = true
        #expect(try options.settings().names == .none)
        options.nameServers = ["127.0.0.53"]
        let server = try #require(AddressRange("127.0.0.53"))
        #expect(try options.settings().names == .servers([server]))
        options.capturesAllNames = true
        #expect(try options.settings().names == .all)
    }

    @Test(arguments: [
        ["-p", "1", "-z", "2", "-u", "3", "-b", "*", "-d", "15090,15020", "-i", "*", "-x", "", "-m", "TPROXY"],
        [
            "--envoy-port=1", "--inbound-capture-port", "2", "--proxy-uid=3", "--istio-inbound-ports=*",
            "--istio-local-exclude-ports", "15090,15020", "--istio-service-cidr=*", "--istio-service-exclude-cidr=",
            "--istio-inbound-interception-mode=TPROXY", "--log_output_level=default:info",
        ],
        ["-p1", "-z=2", "-u3", "-b*", "-d15090,15020", "-i*", "-mTPROXY", "--dry-run=false", "--log_target", "stdout"],
    ])
    func flagsMeanTheSameHoweverTheyAreWritten(arguments: [String]) throws {
        let invocation = try CaptureInvocation(arguments: arguments, environment: ["ENVOY_PORT": "9"])
        let settings = try invocation.options.settings()
        #expect(settings.outboundPort == 1)
        #expect(settings.inboundPort == 2)
        #expect(settings.proxyUsers == ["3"])
        #expect(settings.proxyGroups == ["3"])
        #expect(settings.inboundPorts == .all)
        #expect(settings.excludedInboundPorts == [15090, 15020])
        #expect(settings.outboundRanges == .all)
        #expect(settings.excludedOutboundRanges.isEmpty)
        #expect(settings.mode == .transparentProxy)
        #expect(!invocation.isDryRun)
    }

    @Test func theEnvironmentCountsWhereNoFlagIsGiven() throws {
        let environment = [
            "ENVOY_PORT": "9", "ISTIO_META_DNS_CAPTURE": "true", "INVALID_DROP": "true", "ISTIO_DUAL_STACK": "1",
        ]
        let invocation = try CaptureInvocation(arguments: ["--drop-invalid=false"], environment: environment)
        #expect(invocation.options.envoyPort == "9")
        #expect(invocation.options.redirectsNames)
        #expect(!invocation.options.dropsInvalid)
        #expect(invocation.isDualStack)
    }

    @Test(arguments: [
        ["--host-filesystem-pod-network=true"], ["--cni-mode"], ["--iptables-version", "1.8"],
        ["--vklog", "3", "--log_as_json"], ["--reconcile", "--force-apply"],
    ])
    func flagsOfOtherModesChangeNothing(arguments: [String]) throws {
        let invocation = try CaptureInvocation(arguments: arguments, environment: [:])
        #expect(try invocation.options.settings() == CaptureOptions().settings())
    }

    @Test func tracesAreAskedForByFlagOrEnvironment() throws {
        let asked = try CaptureInvocation(arguments: ["--iptables-trace-logging"], environment: [:])
        let told = try CaptureInvocation(arguments: [], environment: ["IPTABLES_TRACE_LOGGING": "true"])
        #expect(try asked.options.settings().traces)
        #expect(asked.options == told.options)
        #expect(try !CaptureOptions().settings().traces)
    }

    @Test func theProxyHasAUserWithoutBeingTold() throws {
        #expect(try CaptureOptions().settings().proxyUsers == ["1337"])
        #expect(try CaptureOptions().settings().proxyGroups == ["1337"])
        let passwd = "root:x:0:0::/root:/bin/sh\nistio-proxy:x:998:998::/var/lib/istio:/usr/sbin/nologin\n"
        #expect(HostFacts.number(ofUser: "istio-proxy", in: passwd) == "998")
        #expect(HostFacts.number(ofUser: "istio", in: passwd) == nil)
        #expect(HostFacts.number(ofUser: "istio-proxy", in: "istio-proxy:x\n+::::\n") == nil)
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.0/8", "127.1.0.0/16"])
    func whatIsTheLoopback(range: String) throws {
        var options = CaptureOptions()
        options.loopbackRange = range
        #expect(try options.settings().loopbackRange.hasPrefix("127."))
    }

    @Test(arguments: ["10.0.0.0/8", "127.0.0.0/7", "::1/128", "0.0.0.0/0", "lo"])
    func whatIsNotTheLoopbackIsRefused(range: String) {
        var options = CaptureOptions()
        options.loopbackRange = range
        #expect(throws: CaptureOptionsError.self) { try options.settings() }
    }

    @Test func aRuleNamesOnlySoManyGroups() throws {
        var options = CaptureOptions()
        options.ownerGroups = (1...64).map(String.init).joined(separator: ",")
        #expect(try options.settings().ownerGroups == .only((1...64).map(String.init)))
        options.ownerGroups += ",65"
        #expect(throws: CaptureOptionsError.self) { try options.settings() }
        // Those that are left alone have a rule each.
        options.excludedOwnerGroups = options.ownerGroups
        options.ownerGroups = "*"
        #expect(try options.settings().ownerGroups == .allBut((1...65).map(String.init)))
    }

    @Test(arguments: [["--no-such-flag"], ["--envoy-port"], ["--dry-run=perhaps"], ["word"], ["-Z", "1"]])
    func wrongFlagsAreRefused(arguments: [String]) {
        #expect(throws: CaptureOptionsError.self) {
            try CaptureInvocation(arguments: arguments, environment: [:])
        }
    }
}
