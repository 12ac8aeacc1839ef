import Foundation
import Testing

@testable import WasmPlugins

@Suite struct ModuleNamesTests {
    @Test(arguments: [
        ("registry.local:5000/team/plugin:1.2", "registry.local:5000", "team/plugin", "1.2", false),
        ("localhost/plugin", "localhost", "plugin", "latest", true),
        ("plugin", "index.docker.io", "library/plugin", "latest", true),
        ("docker.io/team/plugin:latest", "index.docker.io", "team/plugin", "latest", true),
        ("team/plugin:V1_x.y-z", "index.docker.io", "team/plugin", "V1_x.y-z", false),
        (
            "ghcr.io/a/b/c:1@sha256:\(String(repeating: "ab", count: 32))", "ghcr.io", "a/b/c",
            "sha256:\(String(repeating: "ab", count: 32))", false
        ),
    ])
    func imagesAreRead(_ text: String, registry: String, repository: String, reference: String, isMovable: Bool) throws
    {
        let image = try ImageReference(parsing: text)
        #expect(image.registry == registry)
        #expect(image.repository == repository)
        #expect(image.reference == reference)
        #expect(image.isMovable == isMovable)
    }

    @Test(arguments: [
        "", "ghcr.io/", "ghcr.io/Team/plugin", "ghcr.io/a/../b", "ghcr.io/a//b", "ghcr.io/a:", "ghcr.io/a:b c",
        "ghcr.io/a@sha256:12", "ghcr.io/a@md5:\(String(repeating: "0", count: 64))", "ghcr.io/a?x=y",
        "10.0.0.1:99999/a/b",
        "10.0.0.1:0/a", "10.0.0.1:/a", "a.b:8 0/c", "me@ghcr.io/a",
    ])
    func whatIsNoImageIsRefused(_ text: String) {
        #expect(throws: ModuleProblem.self) { try ImageReference(parsing: text) }
    }

    @Test func addressesLeadToOthers() throws {
        let address = try #require(WebAddress(parsing: "https://a.com:8443/x/y?z=1#part"))
        #expect(address.description == "https://a.com:8443/x/y?z=1")
        #expect(address.shown == "https://a.com:8443/x/y")
        #expect(address.redirected(to: "/b?c")?.description == "https://a.com:8443/b?c")
        #expect(address.redirected(to: "//b.com/c")?.description == "https://b.com/c")
        #expect(address.redirected(to: "http://b.com")?.description == "http://b.com/")
        #expect(address.redirected(to: "ftp://b.com") == nil)
        #expect(WebAddress(parsing: "https://me:secret@a.com/") == nil)
        #expect(WebAddress(parsing: "https:///x") == nil)
        #expect(WebAddress(parsing: "http://a.com/a b") == nil)
        // What the client of the web takes for granted.
        for authority in [
            "10.0.0.1:65536", "10.0.0.1:-1", "[::1]:70000", "a.com:", "[::1", "[]", ":80", "a:b:c", "a%00",
        ] {
            #expect(WebAddress(parsing: "https://\(authority)/x") == nil, "\(authority)")
        }
        for authority in ["10.0.0.1:65535", "[::1]:1", "[fd00::7]", "a_b.c-d", "localhost:15020"] {
            #expect(WebAddress(parsing: "https://\(authority)/x")?.authority == authority)
        }
        #expect(address.redirected(to: "https://1.2.3.4:70000/") == nil)
    }

    @Test func theLongestBeginningOfANameCounts() throws {
        func auth(_ pair: String) -> String { Data(pair.utf8).base64EncodedString() }
        let credentials = try RegistryCredentials(
            dockerConfig: """
                {"auths":{
                  "https://index.docker.io/v1/":{"auth":"\(auth("hub:a"))"},
                  "registry.local":{"username":"all","password":"b:c"},
                  "https://registry.local/team":{"auth":"\(auth("team:d:e"))"},
                  "broken.local":{"auth":"%%%"}}}
                """)
        func user(_ image: String) throws -> String? {
            credentials.entry(for: try ImageReference(parsing: image)).map { "\($0.user)/\($0.password)" }
        }
        #expect(try user("plugin") == "hub/a")
        #expect(try user("registry.local/x") == "all/b:c")
        #expect(try user("registry.local/team/x/y") == "team/d:e")
        #expect(try user("registry.local/teams/x") == "all/b:c")
        #expect(try user("broken.local/x") == nil)
        #expect(try user("other.local/x") == nil)
        #expect(!"\(credentials)".contains("b:c"))
        #expect(!String(reflecting: credentials).contains("team"))
        #expect(throws: ModuleProblem.self) { try RegistryCredentials(dockerConfig: "kubernetes://a/b") }
    }

    @Test func challengesAreRead() {
        #expect(
            RegistryChallenge(
                parsing: "Bearer realm=\"https://a/t?x=1\",service=\"s\",scope=\"repository:a/b:pull,push\"")
                == .bearer(realm: "https://a/t?x=1", service: "s", scope: "repository:a/b:pull,push"))
        #expect(RegistryChallenge(parsing: "basic realm=\"x\"") == .basic)
        #expect(RegistryChallenge(parsing: "Bearer service=x") == nil)
        #expect(RegistryChallenge(parsing: "Negotiate") == nil)
        let realm = WebAddress(isEncrypted: true, authority: "a", target: "/t?x=1")
        #expect(
            RegistryChallenge.tokenAddress(realm, service: "s&t", scope: "repository:a/b:pull").target
                == "/t?x=1&service=s%26t&scope=repository:a/b:pull")
    }
}
