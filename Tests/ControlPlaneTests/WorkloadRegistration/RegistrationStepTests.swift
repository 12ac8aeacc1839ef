import ControlPlane
import KubernetesModel
import MeshControllers
import MeshTesting
import Testing

@Suite("What is done about a machine's WorkloadEntry")
struct RegistrationStepTests {
    private let settings = {
        var settings = RegistrationSettings()
        settings.maximumStreamAge = .seconds(1800)
        return settings
    }()

    /// Seconds since 1970, as marks write them.
    private func text(_ seconds: Double) -> String {
        Timestamp.microText(microsecondsSinceEpoch: Int64(seconds * 1_000_000))
    }

    private func step(
        _ marks: RegistrationMarks?, connectedAt: Double? = nil, group: String? = "vms", isCleared: Bool = false,
        isGone: Bool = false, now: Double = 1000
    ) -> RegistrationStep {
        RegistrationStep(
            marks, isCleared: isCleared,
            .init(
                identity: "me", connectedAt: connectedAt.map(text), group: group, isControllerGone: isGone, now: now),
            settings)
    }

    @Test("A proxy of a group gets an entry; any other has to have one")
    func creation() {
        #expect(step(nil, connectedAt: 900) == .create)
        #expect(step(nil, connectedAt: 900, group: nil) == .nothing)
        #expect(step(nil) == .nothing)
    }

    @Test("An entry that is there is taken, and what ended does not count any more")
    func adoption() {
        let mine = RegistrationMarks(group: "vms", controller: "me", connectedAt: text(900))
        #expect(step(RegistrationMarks(group: "vms"), connectedAt: 900) == .mark(mine))
        let ended = RegistrationMarks(group: "vms", controller: "other", disconnectedAt: text(890))
        #expect(step(ended, connectedAt: 900) == .mark(mine))
        #expect(step(mine, connectedAt: 900) == .nothing)
    }

    @Test("Of two replicas the one that was connected to later has it")
    func contention() {
        let theirs = RegistrationMarks(group: "vms", controller: "other", connectedAt: text(950))
        #expect(step(theirs, connectedAt: 900) == .nothing)
        let mine = RegistrationMarks(group: "vms", controller: "me", connectedAt: text(960))
        #expect(step(theirs, connectedAt: 960) == .mark(mine))
        // Nobody knows when that was.
        let odd = RegistrationMarks(group: "vms", controller: "other", connectedAt: "once upon a time")
        #expect(step(odd, connectedAt: 960) == .mark(mine))
        // Its own earlier stream of whenever.
        let later = RegistrationMarks(group: "vms", controller: "me", connectedAt: text(990))
        #expect(step(later, connectedAt: 960) == .mark(mine))
    }

    @Test("The end is marked by whoever served it, or else once it must be over")
    func end() {
        func ended(_ controller: String) -> RegistrationStep {
            .mark(RegistrationMarks(group: "vms", controller: controller, disconnectedAt: text(1000)))
        }
        #expect(step(RegistrationMarks(group: "vms", controller: "me", connectedAt: text(900))) == ended("me"))
        let theirs = RegistrationMarks(group: "vms", controller: "other", connectedAt: text(900))
        #expect(step(theirs) == .nothing)
        #expect(step(theirs, isGone: true) == ended("other"))
        let old = RegistrationMarks(group: "vms", controller: "other", connectedAt: text(1000 - 2699))
        #expect(step(old) == .nothing)
        let tooOld = RegistrationMarks(group: "vms", controller: "other", connectedAt: text(1000 - 2701))
        #expect(step(tooOld) == ended("other"))
    }

    @Test("It goes when the grace period is over, and not before")
    func removal() {
        let ended = RegistrationMarks(group: "vms", controller: "other", disconnectedAt: text(995))
        #expect(step(ended) == .wait(.seconds(5)))
        #expect(step(ended, now: 1004.5) == .wait(.seconds(0.5)))
        #expect(step(ended, now: 1005) == .remove)
        // Of what somebody else made there is nothing to remove but what its status says.
        #expect(step(ended, isCleared: true, now: 1005) == .nothing)
        #expect(step(RegistrationMarks(group: "vms")) == .nothing)
        // As Istio writes moments: any fraction, any offset.
        var written = ended
        written.disconnectedAt = "1970-01-01T02:16:35.5+02:00"
        #expect(step(written) == .wait(.seconds(5.5)))
    }

    /// Replicas that come and go over one entry, in any order: the entry says in the end who serves it, or is gone.
    @Test("Replicas do not fight, and leave nothing behind", arguments: 0..<200)
    func convergence(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var entry: RegistrationMarks?
        var streams: [String: Double] = [:]
        var now = 1000.0
        let replicas = ["a", "b", "c"]
        func look(_ replica: String, writes: inout Int) {
            let known = RegistrationStep.Knowledge(
                identity: replica, connectedAt: streams[replica].map(text), group: "vms", now: now)
            switch RegistrationStep(entry, known, settings) {
            case .create:
                entry = RegistrationMarks(group: "vms", controller: replica, connectedAt: streams[replica].map(text))
            case .mark(let marks): entry = marks
            case .remove: entry = nil
            case .wait, .nothing: return
            }
            writes += 1
        }
        var writes = 0
        for _ in 0..<40 {
            now += Double.random(in: 0...20, using: &generator)
            let replica = replicas.randomElement(using: &generator) ?? "a"
            streams[replica] = Bool.random(using: &generator) ? now : nil
            for other in replicas.shuffled(using: &generator).prefix(2) { look(other, writes: &writes) }
        }
        // Nothing happens any more: whoever looks, in whatever order, soon writes nothing.
        var last = 1
        for _ in 0..<10 {
            now += 11
            last = 0
            for replica in replicas.shuffled(using: &generator) { look(replica, writes: &last) }
        }
        #expect(last == 0)
        guard let newest = streams.max(by: { $0.value < $1.value }) else {
            #expect(entry == nil)
            return
        }
        #expect(entry == RegistrationMarks(group: "vms", controller: newest.key, connectedAt: text(newest.value)))
    }
}
