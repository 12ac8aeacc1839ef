import MeshModel
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.1.2.3/16", "10.1.0.0/16"), ("10.1.2.3", "10.1.2.3/32"), ("10.1.2.3/0", "0.0.0.0/0"),
        ("1234:1f1:123:123:f816:3eff:feb8:2287/32", "1234:1f1::/32"),
        ("1234:1f1:123:123:f816:3eff:feb8:2287/16", "1234::/16"), ("::/0", "::/0"), ("::1", "::1/128"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1/128"), ("::ffff:10.0.0.1/127", "::ffff:a00:0/127"),
        ("fd00::/9", "fd00::/9"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"), ("10.0.0.129/25", "10.0.0.128/25"),
    ])
    func readsRanges(text: String, range: String) throws {
        let read = try #require(AddressRange(text))
        #expect(read.description == range)
    }

    @Test(arguments: [
        "", "10.1.2", "10.1.2.3.4", "10.1.2.256", "010.1.2.3", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/", "/8", "host",
        "1:2:3:4:5:6:7", "1::2::3", ":::", "1:2:3:4:5:6:7:8:9", "::12345", "fe80::1%eth0", "::/129", "1.2.3.4::",
        "a.b.c.d",
        "::g", "+1.2.3.4", "::+1",
    ])
    func refusesAllElse(text: String) { #expect(AddressRange(text) == nil) }

    @Test func bitsBeyondTheLengthAreNothing() throws {
        let left = try #require(AddressRange("1234:1f1:123:123:f816:3eff:feb8:2287/32"))
        let right = try #require(AddressRange("1234:1f1:123:123:f816:3eff:febf:57ce/32"))
        #expect(left == right)
        let inside = try #require(IPAddress("1234:1f1:1:1:1:1:1:1"))
        let outside = try #require(IPAddress("1234:1f2::1"))
        #expect(left.contains(inside))
        #expect(!left.contains(outside))
    }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.1", true), ("8.8.8.8", true), ("fd00::1", true), ("1234::1234", true), ("127.0.0.1", false),
        ("169.254.1.1", false), ("224.0.0.1", false), ("0.0.0.0", false), ("::1", false), ("::", false),
        ("fe80::1", false),
        ("ff02::1", false), ("255.255.255.255", false),
    ])
    func somebodyElseCanCall(text: String, isReachable: Bool) throws {
        #expect(try #require(IPAddress(text)).isGlobalUnicast == isReachable)
    }
}
