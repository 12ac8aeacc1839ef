import DiscoveryAPI
import EnvoyAPI
import Foundation
import SwiftProtobuf
import Testing

private let folder = ProcessInfo.processInfo.environment["ENVOY_API_SAMPLES"]

@Suite("Messages for readers with the published definitions")
struct PublishedDefinitionsTests {
    @Test("Every sample is read back as it was written")
    func samplesAreReadBack() throws {
        for sample in try Samples.all {
            let read = try type(of: sample).init(serializedBytes: sample.stableBytes())
            #expect(read.isEqualTo(message: sample))
        }
    }

    /// `Hack/generate-protos --samples` compares these files with what the published definitions make of them.
    @Test(
        "Samples are written as NAME.bin and NAME.json",
        .enabled(if: folder != nil, "ENVOY_API_SAMPLES names no folder"))
    func samplesAreWritten() throws {
        KnownTypes.register()
        let folder = URL(fileURLWithPath: try #require(folder), isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for sample in try Samples.all {
            let name = type(of: sample).protoMessageName
            try Data(sample.stableBytes()).write(to: folder.appending(path: "\(name).bin"))
            try sample.jsonString().write(to: folder.appending(path: "\(name).json"), atomically: true, encoding: .utf8)
        }
    }
}
