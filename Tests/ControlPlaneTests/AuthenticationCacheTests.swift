import Authentication
import ControlPlane
import KubernetesClient
import Synchronization
import Testing

/// What is remembered of tokens: as much as is safe, and no longer.
@Suite struct AuthenticationCacheTests {
    private let clock = TestClock()
    private var now: @Sendable () -> Double { { [clock] in clock.seconds } }

    // MARK: tokens

    @Test func aTokenIsReviewedOnce() async throws {
        let own = token()
        let reviews = FakeReviews([own: .account("bookinfo", in: "default")])
        let cached = CachedTokenReviews(reviews, now: now)
        for _ in 0..<5 {
            let verdict = try await cached.review(Secret(own), audience: "istio-ca")
            #expect(verdict == .authenticated(.account("bookinfo", in: "default")))
        }
        #expect(reviews.asked == 1)
        clock.pass(119)
        _ = try await cached.review(Secret(own), audience: "istio-ca")
        #expect(reviews.asked == 1)
        clock.pass(2)
        _ = try await cached.review(Secret(own), audience: "istio-ca")
        #expect(reviews.asked == 2)
    }

    /// A verdict does not outlive the token.
    @Test func aVerdictEndsWithItsToken() async throws {
        let own = token(expires: clock.seconds + 30)
        let reviews = FakeReviews([own: .account("bookinfo", in: "default")])
        let cached = CachedTokenReviews(reviews, now: now)
        _ = try await cached.review(Secret(own), audience: "istio-ca")
        clock.pass(31)
        #expect(try await cached.review(Secret(own), audience: "istio-ca") == .refused("the token has expired"))
        #expect(reviews.asked == 1)
    }

    @Test func aRefusalIsForgottenSoon() async throws {
        let reviews = FakeReviews()
        let cached = CachedTokenReviews(reviews, now: now)
        for _ in 0..<3 { _ = try await cached.review(Secret(token()), audience: "istio-ca") }
        #expect(reviews.asked == 1)
        clock.pass(6)
        _ = try await cached.review(Secret(token()), audience: "istio-ca")
        #expect(reviews.asked == 2)
    }

    /// Two audiences are two questions.
    @Test func aVerdictCountsForItsAudienceAlone() async throws {
        let own = token()
        let reviews = FakeReviews([own: .account("bookinfo", in: "default")])
        let cached = CachedTokenReviews(reviews, now: now)
        _ = try await cached.review(Secret(own), audience: "istio-ca")
        _ = try await cached.review(Secret(own), audience: nil)
        #expect(reviews.asked == 2)
    }

    @Test(arguments: [
        "", "abc", "a.b", "a.b.c", "a.b.c.d", "..", token(for: nil), token(for: "https://kubernetes.default.svc"),
        token(expires: 1_700_000_000), String(repeating: "x", count: 20_000),
    ])
    func theApiServerIsNotBotheredWith(_ text: String) async throws {
        let reviews = FakeReviews([text: .account("bookinfo", in: "default")])
        let cached = CachedTokenReviews(reviews, now: now)
        guard case .refused(let reason) = try await cached.review(Secret(text), audience: "istio-ca") else {
            Issue.record("accepted")
            return
        }
        #expect(text.isEmpty || !reason.contains(text))
        #expect(reviews.asked == 0)
    }

    /// That nobody could be asked says nothing about the token.
    @Test func failuresAreNotRemembered() async throws {
        let own = token()
        let reviews = FakeReviews([own: .account("bookinfo", in: "default")])
        let cached = CachedTokenReviews(reviews, now: now)
        reviews.isReachable = false
        await #expect(throws: FakeReviews.Unreachable.self) {
            _ = try await cached.review(Secret(own), audience: "istio-ca")
        }
        reviews.isReachable = true
        let verdict = try await cached.review(Secret(own), audience: "istio-ca")
        #expect(verdict == .authenticated(.account("bookinfo", in: "default")))
    }

    @Test func aFloodOfTokensIsBounded() async throws {
        let cached = CachedTokenReviews(FakeReviews(), now: now, capacity: 50)
        for number in 0..<500 { _ = try await cached.review(Secret(token("a\(number)")), audience: "istio-ca") }
        #expect(await cached.count <= 50)
    }

    // MARK: many at once

    /// Blocks whoever asks until it is opened.
    private actor Gate {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private var isOpen = false
        private(set) var asked = 0

        func pass() async -> Int {
            asked += 1
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
            return asked
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    @Test func thoseWhoAskTogetherShareTheAnswer() async throws {
        let gate = Gate()
        let cache = ReviewCache<String, Int>(capacity: 10, now: now) { _, _ in 60 }
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.answer(for: "key") { await gate.pass() } } }
            while await gate.asked == 0 { await Task.yield() }
            await gate.open()
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(answers == [1])
        #expect(await gate.asked == 1)
    }

    @Test func oneWhoGivesUpDoesNotDisturbTheOthers() async throws {
        let gate = Gate()
        let cache = ReviewCache<String, Int>(capacity: 10, now: now) { _, _ in 60 }
        let first = Task { try await cache.answer(for: "key") { await gate.pass() } }
        while await gate.asked == 0 { await Task.yield() }
        let second = Task { try await cache.answer(for: "key") { await gate.pass() } }
        first.cancel()
        await gate.open()
        #expect(try await second.value == 1)
        #expect(await gate.asked == 1)
    }

    @Test func onlySoManyAreAskedAtOnce() async throws {
        let gate = Gate()
        let cache = ReviewCache<Int, Int>(capacity: 10, concurrency: 3, now: now) { _, _ in 60 }
        let running = (0..<3).map { key in Task { try await cache.answer(for: key) { await gate.pass() } } }
        while await gate.asked < 3 { await Task.yield() }
        await #expect(throws: TooManyReviews(limit: 3)) { _ = try await cache.answer(for: 3) { 0 } }
        await gate.open()
        for task in running { _ = try await task.value }
        #expect(try await cache.answer(for: 3) { 7 } == 7)
    }

    // MARK: the cache itself

    @Test func theFullCacheKeepsWhatLastsLongest() {
        var cache = ExpiringCache<Int, Int>(capacity: 10)
        for key in 0..<10 { cache.keep(key, for: key, until: Double(100 + key), now: 0) }
        cache.keep(10, for: 10, until: 200, now: 0)
        #expect(cache.count == 10)
        #expect(cache.value(for: 0, now: 0) == nil)
        #expect(cache.value(for: 9, now: 0) == 9)
        #expect(cache.value(for: 10, now: 0) == 10)
    }

    @Test func whatHasEndedMakesRoomFirst() {
        var cache = ExpiringCache<Int, Int>(capacity: 2)
        cache.keep(1, for: 1, until: 5, now: 0)
        cache.keep(2, for: 2, until: 50, now: 0)
        cache.keep(3, for: 3, until: 20, now: 10)
        #expect(cache.value(for: 1, now: 10) == nil)
        #expect(cache.value(for: 2, now: 10) == 2)
        #expect(cache.value(for: 3, now: 10) == 3)
    }

    @Test func whatEndsAtOnceIsNotKept() {
        var cache = ExpiringCache<Int, Int>(capacity: 2)
        cache.keep(1, for: 1, until: 5, now: 0)
        cache.keep(2, for: 1, until: 0, now: 0)
        #expect(cache.value(for: 1, now: 0) == nil)
        #expect(cache.count == 0)
    }
}
