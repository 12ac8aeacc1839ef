import Foundation
import Logging
import Testing

@testable import Observability

@Suite struct LogLineTests {
    let noon = LogTimestamp(seconds: 1_907_755_200, microseconds: 42)

    private func record(_ message: Logger.Message, _ metadata: Logger.Metadata) -> LogRecord {
        let event = LogEvent(
            level: .warning, message: message, metadata: metadata, source: "s", file: "f", function: "g", line: 1)
        return LogRecord(event, time: noon, label: "ca", layers: [metadata])
    }

    @Test func rendersJSON() {
        let line = JSONLine.bytes(
            of: record(
                "Cannot apply",
                [
                    "name": "istiod", "attempt": .stringConvertible(3), "ratio": .stringConvertible(0.5),
                    "forced": .stringConvertible(true), "level": "mine", "msg": "mine",
                    "keys": ["b", .stringConvertible(1)], "owner": ["z": "1", "a": ["b": "c"]],
                    "after": .stringConvertible(Duration.seconds(2)), "nan": .stringConvertible(Double.nan),
                ]))
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"time":"2030-06-15T12:00:00.000042Z","level":"warn","logger":"ca","msg":"Cannot apply","#
                + #""after":"2.0 seconds","attempt":3,"forced":true,"keys":["b",1],"level_":"mine","msg_":"mine","#
                + #""name":"istiod","nan":"nan","owner":{"a":{"b":"c"},"z":"1"},"ratio":0.5}"# + "\n")
    }

    @Test func rendersText() {
        let line = TextLine.bytes(
            of: record("Cannot apply", ["name": "istiod", "why": "not \"mine\"", "empty": "", "keys": ["a", "b"]]))
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"2030-06-15T12:00:00.000042Z warn  ca: Cannot apply empty="" keys="[\"a\", \"b\"]" name=istiod "#
                + #"why="not \"mine\"""# + "\n")
    }

    /// Text from outside stays on its line, in both formats.
    @Test(arguments: LogFormat.allCases)
    func cannotBeForged(_ format: LogFormat) {
        let lines = Lines()
        let logger = lines.logger("x", format: format)
        logger.info("first\n{\"msg\":\"forged\"}", metadata: ["k\ney": "a\u{1b}[2Jb\r\nc"])
        #expect(lines.texts.count == 1)
        let text = lines.texts[0]
        #expect(text.utf8.filter { $0 < 0x20 } == [0x0a])
        #expect(text.hasSuffix("\n"))
    }

    /// Any text survives the way through a JSON parser that is not ours.
    @Test func escapesEverything() {
        let lines = Lines()
        let logger = lines.logger("x")
        var texts = (0..<0x180).compactMap { Unicode.Scalar($0).map { "a\(Character($0))b" } }
        texts += ["\u{2028}\u{2029}", "👩‍👩‍👧‍👦", "a\u{feff}b", "\"\\\"", "日本語", "\r\n"]
        for text in texts { logger.info("\(text)", metadata: ["value": "\(text)", "k\(text)": "v"]) }
        let objects = lines.objects
        #expect(objects.count == texts.count)
        for (object, text) in zip(objects, texts) {
            #expect(object["msg"] as? String == text)
            #expect(object["value"] as? String == text)
            #expect(object["k\(text)"] as? String == "v")
        }
    }

    @Test func mergesMetadataNarrowestFirst() throws {
        struct Failure: Error, CustomStringConvertible { let description = "it broke" }
        let lines = Lines()
        let provider = Logger.MetadataProvider { ["a": "task", "b": "task", "d": "task"] }
        var logger = lines.logger("x", provider: provider)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "e"] = "logger"
        logger.log(level: .error, "m", error: Failure(), metadata: ["b": "statement"])
        let object = try #require(lines.objects.first)
        #expect(object["a"] as? String == "task")
        #expect(object["b"] as? String == "statement")
        #expect(object["d"] as? String == "task")
        #expect(object["e"] as? String == "logger")
        #expect(object["error"] as? String == "it broke")
    }

    /// Our calendar agrees with Foundation's, leap days and year ends included.
    @Test func datesAreRight() {
        var moments: [Int64] = [0, 951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400, 253_402_300_799]
        for day in stride(from: Int64(0), to: 60_000, by: 7) { moments.append(day * 86_400 + day * 13 % 86_400) }
        for moment in moments {
            var bytes: [UInt8] = []
            LogTimestamp(seconds: moment, microseconds: 999_999).append(to: &bytes)
            let expected = Date(timeIntervalSince1970: Double(moment)).formatted(.iso8601)
            #expect(String(decoding: bytes, as: UTF8.self) == expected.dropLast() + ".999999Z")
        }
    }

    @Test func takesTheTimeFromTheClock() {
        let before = Date.now.timeIntervalSince1970.rounded(.down)
        let now = LogTimestamp.now()
        #expect(Double(now.seconds) >= before)
        #expect(Double(now.seconds) <= Date.now.timeIntervalSince1970)
        #expect((0..<1_000_000).contains(now.microseconds))
    }

    /// Lines longer than a pipe takes at once, from several threads, arrive whole.
    @Test func linesDoNotMix() async throws {
        let pipe = Pipe()
        let sink = LogSink.descriptor(pipe.fileHandleForWriting.fileDescriptor)
        let letters = Array("abcdefgh".utf8)
        let length = 100_000
        let reading = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
        let done = DispatchGroup()
        for letter in letters {
            done.enter()
            Thread.detachNewThread {
                for _ in 0..<5 { sink.write(Array(repeating: letter, count: length) + [0x0a]) }
                done.leave()
            }
        }
        await withCheckedContinuation { continuation in
            done.notify(queue: .global()) { continuation.resume() }
        }
        try pipe.fileHandleForWriting.close()
        let lines = try await reading.value.split(separator: 0x0a)
        #expect(lines.count == letters.count * 5)
        #expect(lines.allSatisfy { $0.count == length && Set($0).count == 1 })
    }
}
