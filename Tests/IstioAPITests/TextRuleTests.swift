import IstioAPI
import KubernetesModel
import Testing

/// Rules for texts: what they take and refuse, and that their patterns for the API server say the same.
@Suite struct TextRuleTests {
    static let samples = [
        "", "a", "z9", "9z", "a-b", "-a", "a-", "A", "aB", "a.b", "a..b", ".a", "a.", "a_b", "_a", "1.2.3",
        "1.2.3-rc.1",
        "a b", " a", "a\n", "ä", "istio-system", "latest", "v1.20_x", "sha256:abc", "a/b",
        String(repeating: "a", count: 63), String(repeating: "a", count: 64), String(repeating: "a", count: 128),
        String(repeating: "a", count: 129),
    ]

    @Test(arguments: [TextRule.dnsLabel, .serviceName, .dnsSubdomain, .imageTag].indices, samples)
    func patternSaysTheSame(_ rule: Int, _ text: String) throws {
        let rule = [TextRule.dnsLabel, .serviceName, .dnsSubdomain, .imageTag][rule]
        let pattern = try Regex(#require(rule.pattern)).anchorsMatchLineEndings(false)
        let matches = text.wholeMatch(of: pattern) != nil && text.count <= (rule.maximumLength ?? .max)
        #expect(rule.accepts(text) == matches, "\(rule.words): \(text)")
    }

    @Test(arguments: [
        "docker.io/istio", "gcr.io/istio-testing", "foo", "localhost:5000/istio", "registry.example.com:5000", "apus",
        "[::1]:5000/mesh", "10.0.0.1:5000/a/b_c/d__e/f--g", "Registry.Example.com/mesh", "registry.istio.io/release",
    ])
    func takesHub(_ hub: String) { #expect(TextRule.imageHub.accepts(hub)) }

    @Test(arguments: [
        "", " ", "https://docker.io/istio", "docker.io/istio/", "/istio", "docker.io//istio", "docker.io/istio:1.2",
        "istio:1.20", "docker.io/Istio", "docker.io/istio@sha256:abc", "docker.io/is tio", "${HUB}", "Foo", "a-/b",
        "docker.io/a..b", "docker.io/a___b", "docker.io:port/a", "-docker.io/a", "[]/a",
    ])
    func refusesHub(_ hub: String) { #expect(!TextRule.imageHub.accepts(hub)) }

    @Test(arguments: [
        "", "*", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8,192.168.0.0/16", "10.0.0.0/8, 172.16.0.0/12", "::/0",
        "fd00::/8",
        "2001:db8:0:1:2:3:4:5/128", "::1/128",
    ])
    func takesRanges(_ ranges: String) { #expect(TextRule.ipRanges.accepts(ranges)) }

    @Test(arguments: [
        "10.0.0.1", "10.0.0.0/33", "10.0.0/8", "256.0.0.0/8", "*,10.0.0.0/8", "10.0.0.0/8,", "10.0.0.0/8/8", "::1::/8",
        "2001:db8:0:1:2:3:4:5:6/128", "fd00::/129", "g::/8", "a.b.c.d/8", " ", "/8", "10.0.0.0/",
    ])
    func refusesRanges(_ ranges: String) { #expect(!TextRule.ipRanges.accepts(ranges)) }

    @Test(arguments: ["", "*", "1", "65535", "80,443", "80, 443"])
    func takesPorts(_ ports: String) { #expect(TextRule.portNumbers.accepts(ports)) }

    @Test(arguments: ["0", "65536", "80,", "-1", "+80", "http", "80;443", " ", "*,80", "٨٠"])
    func refusesPorts(_ ports: String) { #expect(!TextRule.portNumbers.accepts(ports)) }
}
