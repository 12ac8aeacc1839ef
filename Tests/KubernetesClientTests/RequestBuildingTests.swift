import Foundation
import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct QueryTests {
    @Test func escapesAndKeepsTheOrder() {
        var query = Query()
        query.add("labelSelector", "app in (a,b),!c")
        query.add("command", "sh")
        query.add("command", "-c")
        query.add("command", "echo a&b=c +ü")
        query.add("watch", if: true)
        query.add("force", if: false)
        query.add("continue", "")
        query.add("limit", nil)
        #expect(
            query.text == "labelSelector=app%20in%20%28a%2Cb%29%2C%21c&command=sh&command=-c"
                + "&command=echo%20a%26b%3Dc%20%2B%C3%BC&watch=true")
    }

    @Test func joinsAPathThatHasAQueryAlready() {
        var call = Call(path: "/openapi/v3/apis/apps/v1?hash=AB", subject: "")
        #expect(call.target == "/openapi/v3/apis/apps/v1?hash=AB")
        call.query.add("a", "b")
        #expect(call.target == "/openapi/v3/apis/apps/v1?hash=AB&a=b")
    }

    @Test func aScopeBecomesSelectors() {
        let scope = ListScope(
            namespace: "a", labels: LabelSelector(matchLabels: ["app": "x"]), fieldSelector: "metadata.name=y")
        #expect(scope.query.text == "labelSelector=app%3Dx&fieldSelector=metadata.name%3Dy")
        #expect(ListScope().query.text.isEmpty)
    }
}

@Suite struct URLPartsTests {
    @Test(arguments: [
        ("https://10.0.0.1:6443", true, "10.0.0.1", 6443, ""),
        ("https://[::1]:6443/prefix", true, "::1", 6443, "/prefix"),
        ("https://example.com", true, "example.com", 443, ""),
        ("http://localhost/k8s/clusters/c-1", false, "localhost", 80, "/k8s/clusters/c-1"),
    ])
    func reads(url: String, isSecure: Bool, host: String, port: Int, path: String) throws {
        let parts = try #require(URLParts(url))
        #expect(parts.isSecure == isSecure)
        #expect(parts.host == host)
        #expect(parts.port == port)
        #expect(parts.path == path)
    }

    @Test(arguments: ["", "ftp://a", "https://", "https://a:b", "https://a:0", "https://[::1", "https://[::1]x"])
    func refuses(url: String) {
        #expect(URLParts(url) == nil)
    }

    @Test func swapsTheHost() {
        #expect(URLParts("https://[::1]:6443/p")?.replacingHost(with: "kubernetes") == "https://kubernetes:6443/p")
    }
}

@Suite struct ServerVersionTests {
    @Test func vendorsPlusSignsAreNumbers() {
        let version = ServerVersion(["major": "1", "minor": "20+", "gitVersion": "v1.20.2-eks"])
        #expect(version == ServerVersion(major: 1, minor: 20, gitVersion: "v1.20.2-eks"))
        #expect(version < ServerVersion(major: 1, minor: 21, gitVersion: ""))
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
    ])
    func bothWays(encoded: String, plain: String) throws {
        #expect(base64Decoded(encoded) == Array(plain.utf8))
        #expect(base64Encoded(Array(plain.utf8)) == encoded)
    }

    @Test func everyByteSurvives() {
        let bytes = (0...255).map { UInt8($0) }
        for length in bytes.indices {
            let start = Array(bytes[..<length])
            #expect(base64Encoded(start) == Data(start).base64EncodedString())
            #expect(base64Decoded(base64Encoded(start)) == start)
        }
    }

    @Test func lineBreaksAndMissingPaddingAreFine() {
        #expect(base64Decoded("Zm9v\nYg==\n") == Array("foob".utf8))
        #expect(base64Decoded("Zm9vYg") == Array("foob".utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "Zm9v=", "Z-8=", "=Zm9"])
    func refuses(text: String) {
        #expect(base64Decoded(text) == nil)
    }
}

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-11-21T13:00:00Z", 1_795_266_000),
        ("2026-11-21T15:00:00+02:00", 1_795_266_000), ("2026-11-21T08:30:00.25-04:30", 1_795_266_000.25),
        ("1969-12-31T23:59:59Z", -1),
    ])
    func reads(text: String, seconds: Double) {
        #expect(secondsSinceEpoch(rfc3339: text) == seconds)
    }

    @Test(arguments: [
        "", "tomorrow", "2026-11-21", "2026-13-21T13:00:00Z", "2026-11-21T13:00:00", "2026-11-21T13:00:00.Z",
    ])
    func refuses(text: String) {
        #expect(secondsSinceEpoch(rfc3339: text) == nil)
    }
}
