import AgentRuntime
import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import Glibc
import KubernetesModel
import SwiftProtobuf
import Synchronization
import Testing
import XDSServer

@testable import ProxyAgent
@testable import StatusServer
@testable import XDSRelay

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    @Test func probesAreReadAsIstioWritesThem() throws {
        let http = try #require(
            WorkloadProbe(
                try JSONValue(
                    parsing: """
                        {"initialDelaySeconds": 5, "timeoutSeconds": 3, "periodSeconds": 4, "successThreshold": 2,
                         "failureThreshold": 6, "httpGet": {"path": "/ok", "port": 8080, "host": "127.0.0.1",
                         "httpHeaders": [{"name": "a", "value": "b"}]}}
                        """)))
        #expect(http.initialDelay == .seconds(5))
        #expect(http.period == .seconds(4))
        #expect((http.successThreshold, http.failureThreshold) == (2, 6))
        guard case .asking(let probe, let host) = http.kind else {
            Issue.record("it asks for something else")
            return
        }
        #expect(host == "127.0.0.1")
        #expect(probe.timeout == .seconds(3))
        let command = try #require(WorkloadProbe(["exec": ["command": ["/bin/true"]]]))
        #expect(command.kind == .command(["/bin/true"]))
        #expect(command.initialDelay == .zero && command.period == .seconds(10) && command.timeout == .seconds(1))
        #expect((command.successThreshold, command.failureThreshold) == (1, 3))
        #expect(WorkloadProbe(["exec": ["command": []]]) == nil)
        #expect(WorkloadProbe(["periodSeconds": 3]) == nil)
    }

    @Test func onlyWhatStaysIsTold() {
        var verdict = HealthVerdict(successThreshold: 2, failureThreshold: 3)
        let told = [nil, nil, nil, "a", "b", nil, "c", "d", "e", "f", nil, "g", nil, nil].map { verdict.take($0) }
        let expected: [WorkloadHealth?] = [
            nil, .healthy, nil, nil, nil, nil, nil, nil, .unhealthy("e"), nil, nil, nil, nil, .healthy,
        ]
        #expect(told == expected)
    }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func everyControlPlaneIsTold(_ variant: ProtocolVariant) {
        func told(_ actions: [RelayAction]) -> [String] {
            actions.compactMap { action in
                guard case .toControlPlane(let request) = action, request.typeURL == .health else { return nil }
                return request.error.map { "\($0.code) \($0.message)" } ?? "well"
            }
        }
        let asked: RelayRequest.Asked =
            variant == .delta
            ? .delta(subscribe: [], unsubscribe: [], initialVersions: [:]) : .whole(version: "", names: [])
        let first = RelayRequest(typeURL: .cluster, node: .with { $0.id = "me" }, asked: asked)
        var stream = RelayStream(variant: variant)
        // Nobody is there; then somebody, who does not know yet who tells it.
        #expect(told(stream.report(.unhealthy("not yet"))) == [])
        #expect(told(stream.connect()) == [])
        let actions = stream.receive(first)
        #expect(told(actions) == ["13 not yet"])
        guard case .toControlPlane(let request)? = actions.first else {
            Issue.record("nothing is asked for")
            return
        }
        #expect(request.node?.id == "me")
        #expect(told(stream.report(.healthy)) == ["well"])
        stream.disconnect()
        #expect(told(stream.report(.unhealthy("gone"))) == [])
        #expect(told(stream.connect()) == ["13 gone"])
        // A proxy that starts anew.
        var next = RelayStream(variant: variant, health: .healthy)
        _ = next.connect()
        #expect(told(next.receive(first)) == ["well"])
    }

    private func problem(
        _ json: JSONValue, at target: ProbeTarget = ProbeTarget(address: "127.0.0.1", usesLoopback: true),
        proxy: String? = nil
    ) async throws -> String? {
        let probe = try #require(WorkloadProbe(json))
        return await HealthUpkeep(
            probe, at: target, environment: ["PATH": "/usr/bin:/bin"], proxyProblem: { proxy }, logger: quiet
        ) { _ in }.problem()
    }

    @Test func theWorkloadIsAsked() async throws {
        try await WebServer.with { request, _ in
            .init(status: request.path == "/ok" && request.headers["a"] == "b" ? 200 : 503)
        } _: { server in
            let port = JSONValue.integer(Int64(server.port))
            func http(_ path: String) -> JSONValue {
                [
                    "timeoutSeconds": 60,
                    "httpGet": [
                        "path": .string(path), "port": port, "httpHeaders": [["name": "a", "value": "b"]],
                    ],
                ]
            }
            let well = try await problem(http("/ok"))
            #expect(well == nil)
            let ill = try await problem(http("/other"))
            #expect(ill?.contains("503") == true)
            let listening = try await problem(["timeoutSeconds": 60, "tcpSocket": ["port": port]])
            #expect(listening == nil)
            let starting = try await problem(http("/ok"), proxy: "the proxy starts")
            #expect(starting == "the proxy starts")
            let elsewhere = ProbeTarget(address: "127.0.0.9", usesLoopback: false)
            var named = http("/ok")
            named["httpGet", "host"] = "127.0.0.1"
            let elsewhereWell = try await problem(named, at: elsewhere)
            #expect(elsewhereWell == nil)
        }
        let port = JSONValue.integer(Int64(try await unusedPort()))
        #expect(try await problem(["tcpSocket": ["port": port]]) != nil)
    }

    @Test func programsAreAsked() async throws {
        func run(_ command: [String], timeout: Int64 = 60) async throws -> String? {
            let list = JSONValue.array(command.map(JSONValue.string))
            return try await problem(["timeoutSeconds": .integer(timeout), "exec": ["command": list]])
        }
        #expect(try await run(["true"]) == nil)
        #expect(try await run(["/bin/sh", "-c", "exit 3"])?.contains("status 3") == true)
        #expect(try await run(["no-such-program"])?.contains("not there") == true)
        #expect(try await run(["sleep", "600"], timeout: 1)?.contains("did not end") == true)
    }

    /// A program that hangs in another one takes that one with it.
    @Test func whatAProgramHasStartedEndsWithIt() async throws {
        try await withFolder { folder in
            let script = "sleep 6000 & echo $! > \(folder.path)/new; mv \(folder.path)/new \(folder.path)/started; wait"
            let probe = ProbeCommand(["sh", "-c", script], ["PATH": "/usr/bin:/bin"])
            let asking = Task { await probe.problem(within: .seconds(600)) }
            defer { asking.cancel() }
            try await soon("it has started another") { Files.exists("\(folder.path)/started") }
            let text = try folder.text(of: "started").filter(\.isNumber)
            let other = try #require(pid_t(text))
            #expect(isRunning(other))
            asking.cancel()
            _ = await asking.value
            try await soon("the other has ended") { !isRunning(other) }
        }
    }

    /// One that has ended and that nobody has asked after does not run.
    private func isRunning(_ process: pid_t) -> Bool {
        guard let line = try? Files.text("/proc/\(process)/stat"), let name = line.lastIndex(of: ")") else {
            return false
        }
        return !line[name...].hasPrefix(") Z")
    }

    @Test func changesAreTold() async throws {
        let isWell = Mutex(true)
        let told = Mutex<[WorkloadHealth]>([])
        try await WebServer.with { _, _ in
            .init(status: isWell.withLock { $0 } ? 200 : 500)
        } _: { server in
            var probe = try #require(
                WorkloadProbe(["timeoutSeconds": 60, "httpGet": ["port": .integer(Int64(server.port))]]))
            probe.period = .milliseconds(1)
            let target = ProbeTarget(address: "127.0.0.1", usesLoopback: true)
            let upkeep = HealthUpkeep(probe, at: target, logger: quiet) { health in told.withLock { $0.append(health) }
            }
            try await withRunning([upkeep]) {
                try await soon("it is well") { told.withLock { $0 } == [.healthy] }
                isWell.withLock { $0 = false }
                try await soon("it is not") { told.withLock { $0.count } == 2 }
                isWell.withLock { $0 = true }
                try await soon("it is again") { told.withLock { $0.count } == 3 }
                #expect(told.withLock { $0.last } == .healthy)
            }
        }
    }
}
