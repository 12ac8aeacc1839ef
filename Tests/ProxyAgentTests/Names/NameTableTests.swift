import EnvoyAPI
import NIOCore
import SwiftProtobuf
import Testing

@testable import DNSProxy

private let names = Istio_Networking_Nds_V1_NameTable.with {
    $0.table["web.default.svc.cluster.local"] = service("web", ["10.0.0.1"])
    $0.table["web.other.svc.cluster.local"] = service("web", ["10.0.0.2"], namespace: "other")
    $0.table["zk.default.svc.cluster.local"] = service("zk", ["10.1.0.0", "10.1.0.1", "10.1.0.2"])
    $0.table["zk-0.zk.default.svc.cluster.local"] = service("zk-0.zk", ["10.1.0.0"])
    $0.table["dual.default.svc.cluster.local"] = service("dual", ["10.0.0.3", "fd00::3"])
    $0.table["api.example.com"] = .with {
        $0.ips = ["240.240.0.1"]
        $0.registry = "External"
    }
    $0.table["*.wild.example.com"] = .with {
        $0.ips = ["240.240.0.2"]
        $0.registry = "External"
    }
}

private func service(
    _ name: String, _ ips: [String], namespace: String = "default"
) -> Istio_Networking_Nds_V1_NameTable.NameInfo {
    .with {
        $0.ips = ips
        $0.registry = "Kubernetes"
        $0.shortname = name
        $0.namespace = namespace
    }
}

@Suite struct NameTableTests {
    private let table = NameTable(names, namespace: "default", domain: "cluster.local")
    private let search = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]

    private func ask(_ name: String, _ kind: UInt16 = DNSMessage.a, turn: Int = 0) throws -> DNSReply? {
        let query = try #require(DNSQuery(DNSMessage.question(name, kind)))
        return try table.answer(to: query, search: search, turn: turn)
            .map { try DNSReply($0.message(for: query, limit: 512)) }
    }

    @Test(arguments: [
        ("web", "10.0.0.1"), ("web.default", "10.0.0.1"), ("web.default.svc", "10.0.0.1"),
        ("web.default.svc.cluster.local", "10.0.0.1"), ("WEB.Default.svc.cluster.LOCAL", "10.0.0.1"),
        ("web.other", "10.0.0.2"), ("web.other.svc.cluster.local", "10.0.0.2"), ("zk-0.zk", "10.1.0.0"),
        ("zk-0.zk.default.svc.cluster.local", "10.1.0.0"), ("api.example.com", "240.240.0.1"),
        ("a.wild.example.com", "240.240.0.2"), ("a.b.wild.example.com", "240.240.0.2"),
    ])
    func knownNames(_ name: String, _ address: String) throws {
        let reply = try #require(try ask(name))
        #expect(reply.code == 0)
        #expect(reply.records.map(\.address) == [address])
        #expect(reply.records.first?.name.lowercased() == name.lowercased())
        #expect(reply.records.first?.ttl == 30)
    }

    @Test(arguments: ["example.com", "wild.example.com", "web.third", "svc.cluster.local", "other", "x.web"])
    func othersAreAsked(_ name: String) throws { #expect(try ask(name) == nil) }

    /// What programs make of a name with dots, before they try it as it is.
    @Test func aSearchDomainIsTakenOff() throws {
        let reply = try #require(try ask("api.example.com.default.svc.cluster.local"))
        #expect(reply.records.map(\.kind) == [5, 1])
        #expect(reply.records[0].name == "api.example.com.default.svc.cluster.local")
        #expect(reply.records[0].data == Array("api.example.com".utf8))
        #expect(reply.records[1].name == "api.example.com")
        #expect(reply.records[1].address == "240.240.0.1")
        #expect(try ask("api.example.com.svc.cluster.local") == nil)
    }

    @Test func aNameWithoutAddressesOfTheFamilyIsThere() throws {
        let none = try #require(try ask("web", DNSMessage.aaaa))
        #expect(none.code == 0)
        #expect(none.records.isEmpty)
        let both = try #require(try ask("dual", DNSMessage.aaaa))
        #expect(both.records.map(\.address) == ["fd00:0:0:0:0:0:0:3"])
        // Anything but addresses is not ours to say.
        #expect(try ask("web", 16) == nil)
    }

    @Test func addressesTakeTurns() throws {
        let firsts = try (0..<6).map { try #require(try ask("zk", turn: $0)).records.first?.address }
        #expect(firsts == ["10.1.0.0", "10.1.0.1", "10.1.0.2", "10.1.0.0", "10.1.0.1", "10.1.0.2"])
        #expect(Set(try #require(try ask("zk", turn: 4)).records.map(\.address)).count == 3)
    }

    @Test func whatDoesNotFitIsCutOff() throws {
        var many = NameTable()
        many.hosts["many"] = NameTable.Host(ipv4: (0..<100).map { [10, 0, 0, UInt8($0)] }, ipv6: [])
        let small = try #require(DNSQuery(DNSMessage.question("many")))
        let answer = try #require(many.answer(to: small, search: [], turn: 0))
        let cut = try DNSReply(answer.message(for: small, limit: small.payloadLimit))
        #expect(cut.isTruncated)
        #expect(cut.bytes.count <= 512)
        #expect(cut.records.count == (512 - 12 - small.question.count) / 16)
        let unlimited = try DNSReply(answer.message(for: small, limit: nil))
        #expect(!unlimited.isTruncated)
        let large = try #require(DNSQuery(DNSMessage.question("many", payload: 4096)))
        let whole = try DNSReply(answer.message(for: large, limit: large.payloadLimit))
        #expect(!whole.isTruncated)
        #expect(whole.records.count == 100)
        #expect(whole.bytes.suffix(11).starts(with: [0, 0, 41]))
    }

    /// Whatever comes, nothing breaks.
    @Test func nonsenseIsNoQuestion() {
        #expect(DNSQuery([]) == nil)
        #expect(DNSQuery([UInt8](repeating: 0, count: 12)) == nil)
        let good = DNSMessage.question("web.default", payload: 1232)
        for length in 0..<good.count { _ = DNSQuery(Array(good[..<length])) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = good
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard let query = DNSQuery(bytes), let answer = table.answer(to: query, search: search, turn: 0) else {
                continue
            }
            #expect(answer.message(for: query, limit: 512).count <= 512)
        }
    }

    @Test func resolverConfiguration() {
        let text = "# comment\nsearch Default.svc.cluster.local. svc.cluster.local\nnameserver 10.96.0.10\n"
        let configuration = ResolverConfiguration(parsing: text + "options ndots:5\nnameserver\tfd00::1\n")
        #expect(configuration.servers == ["10.96.0.10", "fd00::1"])
        #expect(configuration.search == ["default.svc.cluster.local", "svc.cluster.local"])
        #expect(NameForwarder.address("10.96.0.10")?.description.contains("10.96.0.10:53") ?? false)
        #expect(NameForwarder.address("10.96.0.10:5353")?.port == 5353)
        #expect(NameForwarder.address("[fd00::1]:5353")?.port == 5353)
        #expect(NameForwarder.address("fd00::1")?.port == 53)
        #expect(NameForwarder.address("nonsense") == nil)
    }
}
