import Testing

@testable import Observability

@Suite struct HealthChecksTests {
    private func text(_ reply: HTTPReply) -> String { String(decoding: reply.body, as: UTF8.self) }

    @Test func isOKWithoutFailures() async {
        let checks = HealthChecks(["b": { .ok }])
        checks.add("a") { .ok }
        let short = await checks.reply(verbose: false)
        #expect(short == .text("ok\n"))
        #expect(await checks.reply(verbose: true) == .text("[+] a: ok\n[+] b: ok\nok\n"))
        #expect(await HealthChecks().reply(verbose: false) == .text("ok\n"))
    }

    @Test func namesWhatFails() async {
        let checks = HealthChecks(["b": { .failing("no list of Services yet") }, "a": { .ok }, "c": { .failing("x") }])
        let short = await checks.reply(verbose: false)
        #expect(short.status == 503)
        #expect(text(short) == "[-] b: no list of Services yet\n[-] c: x\nfailing: 2 of 3\n")
        let long = await checks.reply(verbose: true)
        #expect(long.status == 503)
        #expect(text(long) == "[+] a: ok\n[-] b: no list of Services yet\n[-] c: x\nfailing: 2 of 3\n")
    }

    /// A check that hangs fails, and does not hide the others.
    @Test func doesNotWaitForever() async {
        let checks = HealthChecks(
            [
                "hangs": {
                    try? await Task.sleep(for: .seconds(600))
                    return .ok
                }, "works": { .ok },
            ], timeout: .seconds(5))
        let reply = await checks.reply(verbose: true)
        #expect(reply.status == 503)
        #expect(text(reply) == "[-] hangs: no answer within 5.0 seconds\n[+] works: ok\nfailing: 1 of 2\n")
    }

    @Test func takesReplacementsWhileRunning() async {
        let checks = HealthChecks(["a": { .failing("starting") }])
        #expect(await checks.reply(verbose: false).status == 503)
        checks.add("a") { .ok }
        #expect(await checks.reply(verbose: false).status == 200)
    }
}
