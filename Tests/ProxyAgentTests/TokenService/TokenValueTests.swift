import AsyncHTTPClient
import Foundation
import KubernetesModel
import NIOSSL
import Observability
import Testing

@testable import WorkloadCredentials

/// Requests, answers and what is kept of them, without a server.
@Suite struct TokenValueTests {
    static let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
    static let subject = "subject_token=a.b.c&subject_token_type=urn:ietf:params:oauth:token-type:jwt"

    @Test func readsForms() throws {
        let fields = try #require(FormText.fields(Array("a=1&b=x+y%2Bz&&c&d=%C3%BC=".utf8)))
        #expect(fields.map(\.name) == ["a", "b", "c", "d"])
        #expect(fields.map(\.value) == ["1", "x y+z", "", "\u{fc}="])
        for broken in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%FF"] {
            #expect(FormText.fields(Array(broken.utf8)) == nil, "\(broken)")
        }
        let written = FormText.text([(name: "a b", value: "ü&=+%"), (name: "c", value: "")])
        #expect(written == "a%20b=%C3%BC%26%3D%2B%25&c=")
    }

    @Test func readsRequests() throws {
        let text =
            "\(Self.grant)&\(Self.subject)&audience=one&audience=two&resource=https://a.example/x&scope=s+t&unknown=1"
        let request = try TokenExchangeRequest(form: Array(text.utf8))
        #expect(request.subjectToken.revealed == "a.b.c")
        #expect(request.audiences == ["one", "two"])
        #expect(request.resources == ["https://a.example/x"])
        #expect(request.scope == "s t")
        #expect(request.requestedTokenType == nil)
        // What is sent on says the same.
        #expect(try TokenExchangeRequest(form: Array(request.form.utf8)) == request)
        #expect(!"\(request)".contains("a.b.c"))
        #expect(!String(reflecting: request).contains("a.b.c"))
        #expect(
            try TokenExchangeRequest(form: Array("\(text)&scope=".utf8)) == request, "without a value it is not there")
    }

    @Test(arguments: [
        ("", "invalid_request", ["grant_type is missing", "subject_token is missing", "subject_token_type has to be"]),
        ("grant_type=password&\(subject)", "unsupported_grant_type", ["token-exchange"]),
        ("\(grant)&subject_token=a.b.c", "invalid_request", ["subject_token_type has to be"]),
        (
            "\(grant)&subject_token=a&subject_token_type=urn:ietf:params:oauth:token-type:saml2", "invalid_request",
            ["token-type:jwt"]
        ),
        ("\(grant)&\(subject)&scope=a&scope=b", "invalid_request", ["scope is there more than once"]),
        ("\(grant)&\(subject)&actor_token=x", "invalid_request", ["actor_token and actor_token_type"]),
        ("\(grant)&\(subject)&resource=here", "invalid_target", ["absolute URI"]),
        ("\(grant)&\(subject)&resource=https://a.example/%23part", "invalid_target", ["absolute URI"]),
        ("\(grant)&subject_token=%FF", "invalid_request", ["UTF-8"]),
    ])
    func tellsAllThatIsWrong(_ form: String, _ code: String, _ words: [String]) throws {
        do throws(TokenExchangeFailure) {
            _ = try TokenExchangeRequest(form: Array(form.utf8))
            Issue.record("it was taken")
        } catch {
            #expect(error.code.rawValue == code)
            for word in words { #expect(error.description.contains(word), "\(error.description)") }
            let json = try JSONValue(parsing: error.reply.body)
            #expect(json["error"]?.string == code)
            #expect(json["error_description"]?.string == error.description)
        }
    }

    @Test func descriptionsHaveNoOtherCharactersThanOAuthAllows() {
        let failure = TokenExchangeFailure(.invalidGrant, "a \"b\" \\ c\u{e9}\n")
        #expect(failure.description == "a 'b' / c?? ")
    }

    @Test(arguments: [
        ("cannot read eyJhbGciOiJub25lIn0.c2VjcmV0.signature", true), ("cannot read lIn0.c2VjcmV0.si", true),
        ("cannot read eyJhbGciOiJub25", false), ("signature", false), ("", false),
    ])
    func knowsPartsOfTokens(_ text: String, _ isRepeated: Bool) {
        #expect(TokenText("eyJhbGciOiJub25lIn0.c2VjcmV0.signature").isRepeated(in: text) == isRepeated)
        #expect(!TokenText("").isRepeated(in: text))
        #expect(TokenText("read").isRepeated(in: text) == text.contains("read"), "short ones as a whole")
    }

    @Test(arguments: CompliancePolicy.allCases) func connectionsAreHeldToAPolicy(_ policy: CompliancePolicy) throws {
        func limits(_ policy: CompliancePolicy?) throws -> TLSConfiguration {
            var settings = TokenServiceSettings(port: 0)
            settings.compliance = policy
            let exchanger = TokenExchanger(settings: settings, metrics: TokenMetrics(MetricsRegistry()))
            return try #require(try exchanger.configuration().tlsConfiguration)
        }
        let (plain, held) = (try limits(nil), try limits(policy))
        #expect(plain.minimumTLSVersion == .tlsv12 && plain.maximumTLSVersion == nil)
        #expect(held.minimumTLSVersion == (policy == .postQuantum ? .tlsv13 : .tlsv12))
        #expect(held.maximumTLSVersion == (policy == .fips1402 ? .tlsv12 : .tlsv13))
        #expect(held.cipherSuites == CompliancePolicy.cipherSuites.joined(separator: ":"))
        #expect(held.curves?.map(\.rawValue) == policy.keyAgreements.map(\.rawValue))
    }

    @Test func readsAnswers() throws {
        let json = try JSONValue(
            parsing:
                #"{"access_token":"t0k","token_type":"Bearer","expires_in":"3599","refresh_token":"r","scope":"s"}"#)
        let token = try #require(ExchangedToken(json))
        #expect(token.lifetime == .seconds(3599))
        #expect(!"\(token)".contains("t0k"))
        let reply = try JSONValue(parsing: token.reply.body)
        #expect(
            reply == [
                "access_token": "t0k", "token_type": "Bearer", "expires_in": 3599, "scope": "s",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            ])
        for wrong: JSONValue in [
            [], ["access_token": "t"], ["token_type": "Bearer"], ["access_token": "", "token_type": "B"],
        ] {
            #expect(ExchangedToken(wrong) == nil)
        }
    }

    private func token(_ seconds: Int64?) throws -> ExchangedToken {
        var json: JSONValue = ["access_token": "t0k", "token_type": "Bearer"]
        if let seconds { json["expires_in"] = .integer(seconds) }
        return try #require(ExchangedToken(json))
    }

    @Test func keepsTokensUntilShortlyBeforeTheirEnd() throws {
        let (start, issued) = (ContinuousClock.now, Date(timeIntervalSince1970: 1_700_000_000))
        var cache = TokenCache(limit: 2)
        cache.keep(try token(3600), for: [1], now: start, issued: issued)
        #expect(cache.token(for: [1], now: start + .seconds(3299))?.lifetime == .seconds(301))
        #expect(cache.token(for: [1], now: start + .seconds(3300)) == nil)
        #expect(cache.token(for: [2], now: start) == nil)
        // Of a short life the last quarter.
        cache.keep(try token(60), for: [2], now: start, issued: issued)
        #expect(cache.token(for: [2], now: start + .seconds(44)) != nil)
        #expect(cache.token(for: [2], now: start + .seconds(45)) == nil)
        // What ends first makes room.
        cache.keep(try token(600), for: [3], now: start, issued: issued)
        #expect(cache.token(for: [2], now: start) == nil)
        #expect(cache.token(for: [1], now: start) != nil)
        let status = cache.status(now: start)
        #expect(!status.jsonText.contains("t0k"))
        #expect(
            status["tokens"]?.array?.first == [
                "token_type": "urn:ietf:params:oauth:token-type:access_token",
                "issue_time": "2023-11-14T22:13:20Z", "expire_time": "2023-11-14T22:23:20Z",
            ])
        #expect(cache.status(now: start + .seconds(700))["tokens"]?.array?.count == 1)
    }

    @Test func keepsNothingWhoseEndNobodyKnows() throws {
        var cache = TokenCache(limit: 2)
        cache.keep(try token(nil), for: [1], now: .now, issued: .now)
        cache.keep(try token(0), for: [2], now: .now, issued: .now)
        cache.keep(try token(-5), for: [3], now: .now, issued: .now)
        #expect(cache.status(now: .now)["tokens"]?.array?.isEmpty == true)
    }
}
