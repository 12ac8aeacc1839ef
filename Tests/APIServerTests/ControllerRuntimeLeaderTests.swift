import ControllerRuntime
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ServiceLifecycle
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeLeaderTests {
    private func withElection(
        _ timing: LeaseTiming, _ body: (Election) async throws -> Void
    ) async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            try await body(Election(in: namespace, timing, cluster.client))
        }
    }

    /// Three stand; whoever leads is shut down; the next one leads at once, and never two do.
    @Test func oneOfThreeLeads() async throws {
        try await withElection(Election.long) { election in
            let journal = election.journal
            let names = ["a", "b", "c"]
            let groups = names.map { name in (name, serviceGroup(election.candidate(name))) }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (_, group) in groups { tasks.addTask { try await group.run() } }
                for term in 1...3 {
                    let leader = try await journal.term(term)
                    let spec = try await election.spec
                    #expect(spec?["holderIdentity"]?.string == leader.leader)
                    #expect(spec?["leaseDurationSeconds"] == 15)
                    #expect(spec?["leaseTransitions"]?.integer == Int64(term - 1))
                    await groups.first { $0.0 == leader.leader }?.1.triggerGracefulShutdown()
                    let end = try await journal.end(term)
                    #expect(end.leader == leader.leader)
                    guard term < 3 else { break }
                    let next = try await journal.term(term + 1)
                    // After one pause between attempts, not after a lease of 15 s. Some 0.3 s where nothing else runs.
                    #expect(end.moment.duration(to: next.moment) < .seconds(12))
                }
                try await tasks.waitForAll()
            }
            #expect(journal.mostAtOnce == 1)
            #expect(Set(journal.terms.map(\.leader)) == Set(names))
            #expect(try await election.holder == "")
        }
    }

    /// The lease is kept until the body has ended, even if that takes longer than a lease lasts.
    @Test func aSlowEndIsWaitedFor() async throws {
        try await withElection(Election.short) { election in
            let journal = election.journal
            let slow = election.candidate("slow") {
                journal.add(Leadership(leader: "slow", begins: true, moment: .now))
                try? await Task.sleep(for: .seconds(3600))
                await Task { try? await Task.sleep(for: .seconds(8)) }.value  // not cancelled
                journal.add(Leadership(leader: "slow", begins: false, moment: .now))
            }
            try await withServices([slow]) { first in
                _ = try await journal.term(1)
                try await withServices([election.candidate("next")]) { _ in
                    await first.triggerGracefulShutdown()
                    let next = try await journal.term(2)
                    #expect(next.leader == "next")
                    #expect(journal.ends.first?.leader == "slow")
                }
            }
            #expect(journal.mostAtOnce == 1)
        }
    }

    @Test func aCrashedHolderIsWaitedFor() async throws {
        try await withElection(Election.short) { election in
            try await election.leave(to: "crashed", seconds: 3)
            let began = ContinuousClock.now
            try await withServices([election.candidate("heir")]) { _ in
                let term = try await election.journal.term(1)
                let waited = began.duration(to: term.moment)
                #expect(waited >= .seconds(3))
                #expect(waited < .seconds(40))
                #expect(try await election.spec?["leaseTransitions"] == 8)
            }
        }
    }

    /// Others' clocks may be wrong: a holder that renews keeps the lease, whatever times it writes.
    @Test func aHolderThatRenewsIsNotReplaced() async throws {
        try await withElection(Election.short) { election in
            let client = election.client
            try await election.leave(to: "elsewhere", seconds: 3)
            let began = ContinuousClock.now
            try await withServices([election.candidate("heir")]) { _ in
                var renewals = 0
                var last = ContinuousClock.now
                while began.duration(to: .now) < .seconds(6) {
                    try await Task.sleep(for: .milliseconds(200))
                    renewals += 1
                    last = .now
                    _ = try await client.patch(
                        .leases, election.lease,
                        .merge(["spec": ["renewTime": .string("2020-01-01T00:00:00.\(padded(renewals))Z")]]),
                        fieldManager: "t")
                }
                let term = try await election.journal.term(1)
                #expect(last.duration(to: term.moment) >= .seconds(3))
            }
        }
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Somebody takes the lease by force: writers stop, and do not take it back before it runs out.
    @Test func aStolenLeaseStopsTheBody() async throws {
        try await withElection(Election.short) { election in
            let journal = election.journal
            try await withServices([election.candidate("owner")]) { _ in
                _ = try await journal.term(1)
                let before = ContinuousClock.now
                _ = try await election.client.patch(
                    .leases, election.lease,
                    .merge(["spec": ["holderIdentity": "thief", "renewTime": "2020-01-01T00:00:00.000000Z"]]),
                    fieldManager: "t")
                let stolen = ContinuousClock.now
                let end = try await journal.end(1)
                #expect(stolen.duration(to: end.moment) < .seconds(20))
                #expect(try await election.spec?["holderIdentity"] == "thief")
                let back = try await journal.term(2)
                #expect(before.duration(to: back.moment) >= .seconds(6))
                #expect(stolen.duration(to: back.moment) < .seconds(60))
            }
            #expect(journal.mostAtOnce == 1)
        }
    }

    /// Whoever deletes the Lease does not stop the leader: it makes it anew, and goes on.
    @Test func aDeletedLeaseIsMadeAnew() async throws {
        try await withElection(Election.long) { election in
            let journal = election.journal
            try await withServices([election.candidate("owner")]) { _ in
                _ = try await journal.term(1)
                let old = try await election.client.get(.leases, election.lease).metadata.uid
                _ = try await election.client.delete(.leases, election.lease)
                try await election.client.wait(.leases, election.lease, "anew") { lease in
                    lease != nil && lease?.metadata.uid != old
                        && lease?.json["spec", "holderIdentity"] == "owner"
                }
                #expect(journal.entries.map(\.begins) == [true])
            }
        }
    }

    /// Renewing moves the renewTime, and nothing else.
    @Test func renewing() async throws {
        try await withElection(Election.long) { election in
            try await withServices([election.candidate("owner")]) { _ in
                _ = try await election.journal.term(1)
                let first = try await election.spec
                let later = try await election.client.wait(.leases, election.lease, "renewed twice") { lease in
                    let spec = lease?.json["spec"]
                    return spec?["renewTime"] != first?["renewTime"] && spec?["renewTime"] != spec?["acquireTime"]
                }
                #expect(later?.json["spec", "acquireTime"] == first?["acquireTime"])
                #expect(later?.json["spec", "leaseTransitions"] == 0)
                #expect(later?.json["spec", "holderIdentity"] == "owner")
            }
        }
    }

    /// Cancellation is no graceful shutdown; the lease is given up all the same.
    @Test func cancellationGivesTheLeaseUp() async throws {
        try await withElection(Election.long) { election in
            let elector = election.candidate("owner")
            let running = Task { try await elector.run() }
            _ = try await election.journal.term(1)
            running.cancel()
            try await running.value
            #expect(election.journal.ends.count == 1)
            #expect(try await election.holder == "")
        }
    }

    @Test func aBodyThatFailsEndsTheElectorAndFreesTheLease() async throws {
        struct Broken: Error {}
        try await withElection(Election.long) { election in
            let elector = election.candidate("owner") { throw Broken() }
            await #expect(throws: Broken.self) { try await elector.run() }
            let holder = try await election.holder
            #expect(holder == "")
        }
    }
}
