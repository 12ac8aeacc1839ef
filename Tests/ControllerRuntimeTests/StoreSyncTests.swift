import ControllerRuntime
import Testing

@Suite(.timeLimit(.minutes(10)))
struct StoreSyncTests {
    @Test func waitsForTheFirstListOfEveryReflector() async {
        let store = Store<Thing>(reflectors: 2)
        let waiters = (0..<5).map { _ in
            Task {
                await store.waitUntilSynced()
                return store.isSynced
            }
        }
        await Task.yield()
        store.replace(with: [], in: "x")
        store.store(Thing("a", in: "x"))
        #expect(!store.isSynced)
        store.replace(with: [Thing("a", in: "y")], in: "y")
        for waiter in waiters { #expect(await waiter.value) }
        await store.waitUntilSynced()
    }

    @Test func waitsNoLongerOnceCancelled() async {
        let store = Store<Thing>()
        for round in 0..<500 {
            let waiter = Task { await store.waitUntilSynced() }
            if round % 2 == 0 { await Task.yield() }
            waiter.cancel()
            await waiter.value
        }
        #expect(!store.isSynced)
    }

    /// Cancelled and synced at once: the waiter goes on, once.
    @Test func endsEveryWaitOnce() async {
        for _ in 0..<500 {
            let store = Store<Thing>()
            let waiter = Task { await store.waitUntilSynced() }
            async let synced: Void = store.replace(with: [])
            waiter.cancel()
            await synced
            await waiter.value
        }
    }
}
