import Authentication
import ControlPlane
import Crypto
import DiscoveryServer
import EnvoyTesting
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import MeshModel
import Synchronization
import Testing
import _CryptoExtras

/// Tokens of an issuer that the API server does not know (`JWT_RULE`).
@Suite struct SignedTokensTests {
    private static let issuer = "https://accounts.example.com"
    private static let subject = "system:serviceaccount:default:bookinfo"
    private let clock = TestClock()

    private func rule(_ keys: WorkloadTokenRule.Keys) -> WorkloadTokenRule {
        WorkloadTokenRule(issuer: Self.issuer, keys: keys, audiences: ["mesh", "istio-ca"])
    }

    private func reviews(
        _ rule: WorkloadTokenRule, fetcher: any KeySetFetching = FakeKeys([]), others: FakeReviews = FakeReviews()
    ) -> RuledTokens {
        RuledTokens(rule, fetcher: fetcher, others: others, now: { [clock] in clock.seconds }, logger: silent)
    }

    private func claims(_ changes: JSONValue = [:]) -> String {
        let claims: JSONValue = [
            "iss": .string(Self.issuer), "sub": .string(Self.subject), "aud": ["mesh"],
            "exp": .integer(Int64(clock.seconds) + 60),
        ]
        return claims.merging(changes).jsonText
    }

    private func verdict(_ reviews: RuledTokens, _ token: String) async throws -> TokenVerdict {
        try await reviews.review(Secret(token), audience: "istio-ca")
    }

    @Test func aTokenOfTheIssuerProvesAServiceAccount() async throws {
        let issuer = TestTokenIssuer()
        let others = FakeReviews()
        let tokens = reviews(rule(.given(issuer.keySet)), others: others)
        let authenticator = WorkloadAuthenticator(
            tokens: tokens, trustDomain: "cluster.local", now: { [clock] in clock.seconds }, logger: silent)
        let identity = try await authenticator.authenticate(
            PeerConnection(address: "a"), metadata: ["authorization": "Bearer \(issuer.token(claims()))"])
        #expect(identity.names == ["spiffe://cluster.local/ns/default/sa/bookinfo"])
        #expect(others.asked == 0)
    }

    @Test(
        arguments: [
            (["exp": 1], "expired"), (["exp": nil], "expired"), (["aud": "others"], "issued for"),
            (["aud": nil], "issued for"), (["sub": "system:node:n"], "subject"), (["sub": nil], "subject"),
            (["sub": "system:serviceaccount:default"], "subject"), (["nbf": 4_000_000_000], "not valid yet"),
        ] as [(JSONValue, String)])
    func claimsHaveToHold(_ changes: JSONValue, _ why: String) async throws {
        let issuer = TestTokenIssuer()
        let verdict = try await verdict(reviews(rule(.given(issuer.keySet))), issuer.token(claims(changes)))
        guard case .refused(let reason) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(reason.contains(why))
    }

    /// Whoever changes any part of a token, or signs with another key, is nobody.
    @Test func onlyTheIssuersSignatureCounts() async throws {
        let (issuer, stranger) = (TestTokenIssuer(), TestTokenIssuer())
        let tokens = reviews(rule(.given(issuer.keySet)))
        let good = try issuer.token(claims())
        guard case .authenticated = try await verdict(tokens, good) else {
            Issue.record("the token itself is refused")
            return
        }
        var parts = good.split(separator: ".").map(String.init)
        parts[1] = try stranger.token(claims(["sub": "system:serviceaccount:istio-system:istiod"]))
            .split(separator: ".").map(String.init)[1]
        let unsigned = ["eyJhbGciOiJub25lIn0", parts[1], "AA"].joined(separator: ".")
        for forged in [parts.joined(separator: "."), unsigned, try stranger.token(claims())] {
            #expect(try await verdict(tokens, forged) == .refused("the token's signature does not hold"))
        }
    }

    /// Everybody else's tokens are the API server's to know, and for other purposes all are.
    @Test func othersAreAskedAboutTheRest() async throws {
        let issuer = TestTokenIssuer()
        let foreign = try issuer.token(claims(["iss": "kubernetes/serviceaccount"]))
        let own = try issuer.token(claims(["aud": "others"]))
        let others = FakeReviews([foreign: .account("a", in: "b"), own: .account("c", in: "d")])
        let tokens = reviews(rule(.given(issuer.keySet)), others: others)
        #expect(try await verdict(tokens, foreign) == .authenticated(.account("a", in: "b")))
        // The rule refuses it, the cluster's issuer, which may have the same name, does not.
        #expect(try await verdict(tokens, own) == .authenticated(.account("c", in: "d")))
        #expect(try await verdict(tokens, "no token at all") == .refused("nobody knows it"))
        let mine = try issuer.token(claims())
        #expect(try await tokens.review(Secret(mine), audience: nil) == .refused("nobody knows it"))
    }

    /// Keys are fetched when they are needed, and once for all who wait; a new one is found by its name.
    @Test func keysAreFetchedAndFollowTheIssuer() async throws {
        let (first, second) = (TestTokenIssuer(), TestTokenIssuer())
        let renamed = second.keySet.replacing("\"kid\":\"test\"", with: "\"kid\":\"new\"")
        let fetcher = FakeKeys([first.keySet, renamed])
        let tokens = reviews(rule(.fetched(.issuer(Self.issuer))), fetcher: fetcher)
        let token = try first.token(claims())
        try await withThrowingTaskGroup(of: TokenVerdict.self) { group in
            for _ in 0..<20 { group.addTask { try await verdict(tokens, token) } }
            for try await verdict in group { #expect(verdict == .authenticated(AuthenticatedUser(name: Self.subject))) }
        }
        #expect(fetcher.asked == [.issuer(Self.issuer)])
        // Names of keys that do not exist do not make the issuer work for each of them.
        for _ in 0..<5 {
            let verdict = try await verdict(tokens, second.token(claims()))
            #expect(verdict == .refused("the token's signature does not hold"))
        }
        #expect(fetcher.asked.count == 1)
    }

    @Test func withoutKeysClientsAreToldToComeAgain() async throws {
        let issuer = TestTokenIssuer()
        let tokens = reviews(rule(.fetched(.address("https://keys"))), fetcher: FakeKeys([]))
        await #expect(throws: KeySetError.self) { _ = try await verdict(tokens, issuer.token(claims())) }
    }

    @Test func keysOfRSACount() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        func text(_ data: some DataProtocol) -> String {
            Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let numbers = try key.publicKey.getKeyPrimitives()
        let (n, e) = (numbers.modulus, numbers.publicExponent)
        let keys = #"{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA","kid":"r","n":"\#(text(n))","e":"\#(text(e))"}]}"#
        let tokens = reviews(rule(.given(keys)))
        for (algorithm, isGood) in [("RS256", true), ("RS384", false), ("ES256", false)] {
            let signed = "\(text(Data(#"{"alg":"\#(algorithm)","kid":"r"}"#.utf8))).\(text(Data(claims().utf8)))"
            let signature = try key.signature(
                for: SHA256.hash(data: Data(signed.utf8)), padding: .insecurePKCS1v1_5)
            let verdict = try await verdict(tokens, "\(signed).\(text(signature.rawRepresentation))")
            let expected: TokenVerdict =
                isGood
                ? .authenticated(AuthenticatedUser(name: Self.subject))
                : .refused("the token's signature does not hold")
            #expect(verdict == expected, "\(algorithm)")
        }
    }

    @Test func theRuleIsReadFromTheEnvironment() {
        func read(_ text: String) -> (WorkloadTokenRule?, [String]) {
            var problems: [String] = []
            let rule = WorkloadTokenRule(environment: ["JWT_RULE": text]) { problems.append($0) }
            return (rule, problems)
        }
        let address = read(#"{"issuer":"i","jwks_uri":"https://k","audiences":["a"],"timeout":"2s"}"#).0
        #expect(address?.keys == .fetched(.address("https://k")))
        #expect(address?.audiences == ["a"])
        #expect(address?.timeout == .seconds(2))
        #expect(read(#"{"issuer":"https://i"}"#).0?.keys == .fetched(.issuer("https://i")))
        #expect(read(#"{"issuer":"https://i"}"#).0?.audiences == ["istio-ca"])
        let keys = TestTokenIssuer().keySet
        #expect(read((["issuer": "i", "jwks": .string(keys)] as JSONValue).jsonText).0?.keys == .given(keys))
        for bad in [
            "x", "[]", "{}", #"{"issuer":"i"}"#, #"{"issuer":"i","jwksUri":"http://k"}"#,
            #"{"issuer":"i","jwks":"{}"}"#,
        ] {
            let (rule, problems) = read(bad)
            #expect(rule == nil, "\(bad)")
            #expect(problems.count == 1 && problems[0].hasPrefix("JWT_RULE"), "\(bad)")
        }
        #expect(read("") == (nil, []))
    }
}

/// Gives key sets one after the other.
private final class FakeKeys: KeySetFetching {
    private let state: Mutex<(left: [String], asked: [KeySetSource])>

    init(_ sets: [String]) { state = Mutex((sets, [])) }

    var asked: [KeySetSource] { state.withLock { $0.asked } }

    func keySet(from source: KeySetSource, within timeout: Duration) async throws -> String {
        try state.withLock { state in
            state.asked.append(source)
            guard !state.left.isEmpty else { throw KeySetError("https://keys", "nobody is there") }
            return state.left.removeFirst()
        }
    }
}
