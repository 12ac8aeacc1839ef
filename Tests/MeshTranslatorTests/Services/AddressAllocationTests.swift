import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct AddressAllocationTests {
    private func entry(
        _ name: String, _ hosts: String..., in namespace: String = "shop", created: String = "",
        recorded: [String: [String]] = [:]
    ) -> ServiceEntry {
        let reference = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "ServiceEntry"), ObjectKey(namespace: namespace, name: name))
        var entry = ServiceEntry(
            origin: ConfigurationOrigin(reference, created: created), hosts: hosts, resolution: .dns)
        entry.allocatedAddresses = recorded
        return entry
    }

    @Test func everyHostHasAddressesOfItsOwnAndKeepsThem() throws {
        let entries = (0..<300).map { entry("e\($0)", "h\($0).com", "g\($0).com") }
        let missing = missingAddresses(of: entries)
        #expect(missing.count == 300)
        let all = missing.values.flatMap(\.values)
        #expect(all.allSatisfy { $0.count == 2 && $0[0].hasPrefix("240.240.") && $0[1].hasPrefix("2001:2::f0f0:") })
        #expect(Set(all.map { $0[0] }).count == 600 && Set(all.map { $0[1] }).count == 600)
        #expect(!all.contains { $0[0].hasSuffix(".0") || $0[0].hasSuffix(".255") })

        let recorded = entries.map { written in
            var written = written
            written.allocatedAddresses = missing[written.origin.reference.key] ?? [:]
            return written
        }
        #expect(missingAddresses(of: recorded) == [:])
        // A newcomer takes nobody's place.
        let more = missingAddresses(of: recorded + [entry("new", "new.com")])
        #expect(more.count == 1)
        let added = try #require(more.values.first?["new.com"]?.first)
        #expect(!all.contains { $0[0] == added })
    }

    @Test func oneHostOfANamespaceHasOneAddress() {
        let missing = missingAddresses(of: [entry("a", "x.com"), entry("b", "x.com"), entry("c", "x.com", in: "far")])
        let addresses = missing.mapValues { $0["x.com"]?.first }
        #expect(
            addresses[ObjectKey(namespace: "shop", name: "a")] == addresses[ObjectKey(namespace: "shop", name: "b")])
        #expect(addresses[ObjectKey(namespace: "shop", name: "a")] != addresses[ObjectKey(namespace: "far", name: "c")])
    }

    @Test func theOlderOfTwoKeepsAnAddress() {
        let pair = ["240.240.3.7", "2001:2::f0f0:307"]
        let missing = missingAddresses(of: [
            entry("young", "young.com", created: "2026-01-01T00:00:00Z", recorded: ["young.com": pair]),
            entry("old", "old.com", created: "2025-01-01T00:00:00Z", recorded: ["old.com": pair]),
        ])
        #expect(missing.keys.map(\.name) == ["young"])
        #expect(missing.values.first?["young.com"] != pair)
    }

    @Test func whoHasAddressesOrNeedsNoneGetsNone() {
        var own = entry("own", "own.com")
        own.addresses = ["10.0.0.1"]
        var anything = entry("none", "none.com")
        anything.resolution = .none
        var unwilling = entry("no", "no.com")
        unwilling.labels = ["networking.istio.io/enable-autoallocate-ip": "false"]
        #expect(missingAddresses(of: [own, anything, unwilling, entry("wild", "*.wild.com")]) == [:])
    }
}
