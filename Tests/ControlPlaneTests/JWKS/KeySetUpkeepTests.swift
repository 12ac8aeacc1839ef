import Authentication
import ControlPlane
import Logging
import MeshModel
import MeshObservation
import MeshTranslator
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Keys are kept fresh")
struct KeySetUpkeepTests {
    /// Answers what it is told to, one answer after another; the last one again and again.
    private actor Issuer: KeySetFetching {
        private var answers: [String?]
        private(set) var calls = 0

        init(_ answers: [String?]) { self.answers = answers }

        func keySet(from source: KeySetSource, within timeout: Duration) async throws -> String {
            calls += 1
            let answer = answers.count > 1 ? answers.removeFirst() : answers[0]
            guard let answer else { throw KeySetError("x", "is away") }
            return answer
        }
    }

    @Test(
        "Keys that come are told, also after failures and as they change; those that nobody wants any more are taken away"
    )
    func tells() async throws {
        let source = KeySetSource.address("https://a")
        let issuer = Issuer([nil, "one", nil, "two"])
        let (changes, change) = AsyncStream.makeStream(of: ObjectChange.self)
        var timing = KeySetSchedule.Timing()
        timing.refresh = .milliseconds(20)
        timing.retry = .milliseconds(5)
        let upkeep = KeySetUpkeep(issuer, timing: timing, logger: Logger(label: "test")) { told, _ in
            change.yield(told)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await upkeep.run() }
            upkeep.want([source: .seconds(1)])
            var iterator = changes.makeAsyncIterator()
            #expect(await iterator.next() == .keySet(source, "one"))
            #expect(await iterator.next() == .keySet(source, "two"))
            upkeep.want([:])
            var last = await iterator.next()
            while last == .keySet(source, "two") { last = await iterator.next() }
            #expect(last == .keySet(source, nil))
            group.cancelAll()
        }
        #expect(await issuer.calls >= 4)
    }
}
