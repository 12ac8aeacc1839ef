import Testing

@testable import WasmPlugins

@Suite struct ModuleExtractorTests {
    private let module = TestModule.addingHeader("x-made", "here")

    /// What is found in some bytes that come in parts of a size; nil: nothing.
    private func extracted(
        _ bytes: [UInt8], _ wanted: ModuleExtractor.Wanted = .plugin, parts: Int = 1000, limit: Int = 1 << 20
    ) throws -> [UInt8]? {
        var found: [UInt8] = []
        var extractor = ModuleExtractor(wanted, limit: limit)
        for start in stride(from: 0, to: bytes.count, by: parts) {
            try extractor.take(bytes[start..<min(start + parts, bytes.count)]) { found += $0 }
        }
        return try extractor.finish() ? found : nil
    }

    @Test(arguments: [1, 2, 3, 7, 511, 512, 513, 100_000])
    func itIsFoundInAnyWrapping(_ parts: Int) throws {
        let other = [UInt8](repeating: 1, count: 700)
        let archive = TestArchives.tar([
            ("a.txt", other), ("empty", []), ("./app/plugin.wasm", module), ("plugin.wasm", other),
        ])
        for bytes in [module, archive, try TestArchives.gzip(module), try TestArchives.gzip(archive)] {
            #expect(try extracted(bytes, parts: parts) == module)
        }
    }

    @Test(arguments: [1, 7, 100_000])
    func compressedDataMayBeSeveralInARow(_ parts: Int) throws {
        let archive = TestArchives.tar([("plugin.wasm", module)])
        let halves = try [archive[..<300], archive[300...]].map { try TestArchives.gzip(Array($0)) }
        #expect(try extracted(halves[0] + halves[1], parts: parts) == module)
        #expect(try extracted(halves[0] + halves[1] + [0, 0, 0], parts: parts) == module)
    }

    @Test func nameAndPlaceDecide() throws {
        let archive = TestArchives.tar([("filter.wasm", module), ("my-plugin.wasm", [])])
        #expect(try extracted(archive, .plugin) == nil)
        #expect(try extracted(archive, .any) == module)
    }

    @Test func whatIsBrokenIsRefused() throws {
        let compressed = try TestArchives.gzip(module)
        var damaged = compressed
        damaged[compressed.count / 2] ^= 0xFF
        for bytes in [[], [0x1F], Array(compressed.dropLast(9)), damaged, [UInt8](repeating: 7, count: 600)] {
            #expect(throws: ModuleProblem.self) { try extracted(bytes) }
        }
        // The end of the archive is missing.
        let archive = TestArchives.tar([("plugin.wasm", module)])
        #expect(try extracted(Array(archive[..<600])) == nil)
    }

    @Test func aSmallFileThatHoldsMuchIsRefused() throws {
        let bomb = try TestArchives.gzip(TestArchives.tar([("a", [UInt8](repeating: 0, count: 8 << 20))]))
        #expect(bomb.count < 100_000)
        #expect(throws: ModuleProblem("it holds more than 1048576 bytes")) { try extracted(bomb) }
    }
}
