import ControlPlane
import EnvoyAPI
import EnvoyTranslator
import MeshDiscovery
import MeshModel
import MeshTesting
import MeshTranslator
import Testing
import XDSServer

@Suite struct IncrementalResourcesTests {
    /// Whatever happens while whatever proxies come and go: each is sent what it would be sent if it came now.
    @Test(arguments: UInt64(1)...12)
    func incrementalEqualsFromScratch(seed: UInt64) throws {
        var random = RandomMesh(seed: seed)
        var resources = ProxyResources(MeshTranslation())
        var connected: [ProxyID: Proxy] = [:]
        var wakings = 0
        for step in 0..<60 {
            if connected.count < 6 || step % 10 == 0 {
                let proxy = random.proxy()
                connected[resources.connect(proxy).id] = proxy
            }
            if step % 10 == 9, let gone = connected.keys.randomElement(using: &random.generator) {
                resources.disconnect(gone, now: .now)
                connected[gone] = nil
                if step % 20 == 19 { resources.dropClasses(unusedSince: .now) }
            }
            let changes = try (0..<Int.random(in: 1...3, using: &random.generator)).map { _ in try random.change() }
            let before = connected.keys.map { ($0, resources.resources(of: $0)) }
            let woken = resources.apply(changes, now: .now)
            wakings += woken.count

            let mesh = MeshTranslation(resources.mesh.objects)
            #expect(mesh.snapshot == resources.mesh.snapshot)
            for (id, proxy) in connected {
                var scratch = ProxyResources(mesh)
                let expected = scratch.connect(proxy).resources
                let actual = try #require(resources.resources(of: id))
                let isEqual = actual == expected
                #expect(isEqual, "step \(step): \(differences(actual, expected))")
                // Also what is planned once for many is what this one alone is to have.
                guard step % 3 == 0 else { continue }
                let key = try #require(resources.classKey(of: id))
                let alone = try planned(key, in: resources.snapshot)
                #expect(actual == alone, "step \(step): \(differences(actual, alone))")
            }
            // Those that were not woken have what they had; those that were, have not.
            for (id, cache) in before { #expect((resources.resources(of: id) != cache) == woken.contains(id)) }
        }
        #expect(resources.proxyCount == connected.count)
        #expect(wakings > 40, "the changes hardly meet the proxies")
        #expect(resources.takeFailures() == [])
    }

    /// Where services can be told apart, a few hosts are planned at a time: each proxy has what it would have alone.
    @Test(arguments: UInt64(1)...6)
    func aFewHostsAtATime(seed: UInt64) throws {
        var random = PlainMesh(seed: seed)
        var resources = ProxyResources(MeshTranslation())
        _ = resources.apply(try (0..<40).map { _ in try random.change() }, now: .now)
        let ids = (0..<6).map { resources.connect(random.proxy($0)).id }
        var plans = 0
        for step in 0..<75 {
            let before = resources.work
            _ = resources.apply([try random.change()], now: .now)
            if (resources.work - before).plans > 0 { plans += 1 }
            for id in ids {
                let key = try #require(resources.classKey(of: id))
                let actual = try #require(resources.resources(of: id))
                let alone = try planned(key, in: resources.snapshot)
                let isEqual = actual == alone
                #expect(isEqual, "step \(step): \(differences(actual, alone))")
            }
        }
        #expect(plans < 20, "most steps plan everything anew")
    }

    /// What a proxy is sent is what the whole plan says, nothing less and nothing more.
    @Test(arguments: UInt64(1)...10)
    func nothingIsLost(seed: UInt64) throws {
        var random = RandomMesh(seed: seed)
        var resources = ProxyResources(MeshTranslation())
        _ = resources.apply(try (0..<40).map { _ in try random.change() }, now: .now)
        let proxy = random.proxy()
        let (id, cache) = resources.connect(proxy)
        let key = try #require(resources.classKey(of: id))
        let plan = resourcePlan(for: key.view, preference: key.preference, in: resources.snapshot)
        var expected: [String: Set<String>] = [:]
        for input in plan.all {
            let type = TypeURL(rawValue: input.typeURL)
            expected[input.typeURL, default: []].insert(input.name)
            #expect(cache[type, input.name]?.body == (try input.message().stableBytes()))
        }
        for (type, snapshot) in cache.snapshots {
            #expect(Set(snapshot.resources.map(\.name)) == expected[type.rawValue] ?? [])
        }
    }

    private static let types: [TypeURL] = [
        .cluster, .endpoint, .listener, .route, .extensionConfig, .nameTable, .bootstrap, .proxyConfig,
    ]

    /// All that a class of proxies is to have, planned for it alone.
    private func planned(_ key: ProxyClassKey, in snapshot: MeshSnapshot) throws -> ResourceCache {
        let plan = resourcePlan(for: key.view, preference: key.preference, in: snapshot)
        let types = Self.types
        var resources = Dictionary(uniqueKeysWithValues: types.map { ($0, [Resource]()) })
        for input in plan.all {
            let bytes = try input.message().stableBytes()
            resources[TypeURL(rawValue: input.typeURL), default: []].append(Resource(name: input.name, body: bytes))
        }
        return ResourceCache(resources.mapValues { ResourceSnapshot($0) })
    }

    /// A type without resources is an answer, too.
    @Test func everyTypeIsAnswered() {
        var resources = ProxyResources(MeshTranslation())
        for kind in [Proxy.Kind.sidecar, .router, .waypoint, .ztunnel] {
            let proxy = Proxy(kind: kind, name: "p", namespace: "a", addresses: ["10.1.0.1"])
            let cache = resources.connect(proxy).resources
            for type in Self.types {
                #expect(cache.snapshots[type] != nil)
            }
        }
    }

    private func differences(_ left: ResourceCache, _ right: ResourceCache) -> [String] {
        Set(left.snapshots.keys).union(right.snapshots.keys).flatMap { type -> [String] in
            let names = Set(left[type].resources.map(\.name)).union(right[type].resources.map(\.name))
            return names.filter { left[type].version(of: $0) != right[type].version(of: $0) }.sorted().map { name in
                "\(type) \(name): \(left[type].version(of: name)) is to be \(right[type].version(of: name))"
            }
        }
    }
}
