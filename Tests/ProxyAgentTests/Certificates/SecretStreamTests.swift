import CertificateAuthority
import Testing

@testable import WorkloadCredentials

@Suite struct SecretStreamTests {
    private let first = ["default": SecretResource(name: "default", version: "1")]
    private let second = [
        "default": SecretResource(name: "default", version: "2"),
        "ROOTCA": SecretResource(name: "ROOTCA", version: "1"),
    ]

    @Test func aSecretThatIsNotThereIsWaitedFor() {
        var stream = SecretStream()
        _ = stream.receive(SecretRequest(asked: .whole(["default"])))
        #expect(stream.next([:]) == nil)
        #expect(stream.next(second.filter { $0.key == "ROOTCA" }) == nil)
        #expect(stream.next(first)?.secrets == Array(first.values))
    }

    @Test func onlyNewsAreTold() throws {
        var stream = SecretStream()
        _ = stream.receive(SecretRequest(asked: .whole(["default", "ROOTCA"])))
        let next = stream.next(first)
        let told = try #require(next)
        // Not before the answer.
        #expect(stream.next(second) == nil)
        #expect(stream.receive(SecretRequest(nonce: told.nonce, asked: .whole(["default", "ROOTCA"]))) == nil)
        #expect(stream.next(first) == nil)
        #expect(stream.next(second)?.secrets.map(\.name) == ["ROOTCA", "default"])
    }

    @Test func whatWasRefusedWaitsForAChange() throws {
        var stream = SecretStream()
        _ = stream.receive(
            SecretRequest(asked: .delta(subscribe: ["default"], unsubscribe: [], initialVersions: [:])))
        let next = stream.next(first)
        let told = try #require(next)
        let empty = SecretRequest.Asked.delta(subscribe: [], unsubscribe: [], initialVersions: [:])
        #expect(stream.receive(SecretRequest(nonce: told.nonce, error: "bad key", asked: empty)) == "bad key")
        #expect(stream.next(first) == nil)
        #expect(stream.next(second)?.secrets.map(\.version) == ["2"])
    }

    @Test func whatAClientBringsIsNotTold() {
        var stream = SecretStream()
        _ = stream.receive(
            SecretRequest(
                asked: .delta(
                    subscribe: ["default", "ROOTCA"], unsubscribe: [], initialVersions: ["default": "2", "ROOTCA": "0"])
            ))
        #expect(stream.next(second)?.secrets.map(\.name) == ["ROOTCA"])
    }

    @Test func whatIsAskedForAgainIsToldAgain() throws {
        var stream = SecretStream()
        let ask = SecretRequest(asked: .delta(subscribe: ["default"], unsubscribe: [], initialVersions: [:]))
        _ = stream.receive(ask)
        let next = stream.next(first)
        let told = try #require(next)
        _ = stream.receive(
            SecretRequest(
                nonce: told.nonce, asked: .delta(subscribe: [], unsubscribe: ["default"], initialVersions: [:])))
        #expect(stream.next(second) == nil)
        _ = stream.receive(ask)
        #expect(stream.next(first)?.secrets.map(\.name) == ["default"])
    }

    @Test func namesOfFiles() {
        #expect(SecretName("file-cert:/a/b~/c") == .fileCertificate(chain: "/a/b", key: "/c"))
        #expect(SecretName("file-root:/a/b") == .fileRoots("/a/b"))
        #expect(SecretName("file-cert:/a/b") == nil)
        #expect(SecretName("file-cert:~/c") == nil)
        #expect(SecretName("file-root:") == nil)
        #expect(SecretName("kubernetes://a") == nil)
        #expect(SecretName("default") == .workload)
        #expect(SecretName("ROOTCA") == .roots)
    }

    @Test func secretsDoNotPrint() throws {
        let request = try CertificateRequestFixture.make()
        let secret = try SecretResource(name: "default", chain: "chain", key: request)
        #expect(!"\(secret)".contains("PRIVATE"))
        let length = request.revealed.utf8.count
        #expect(secret.body.count > length)
    }
}
