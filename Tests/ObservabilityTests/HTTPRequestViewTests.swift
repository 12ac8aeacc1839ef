import Testing

@testable import Observability

@Suite struct HTTPRequestViewTests {
    @Test(arguments: [
        ("/a?level=default:debug", "default:debug"), ("/a?x=1&level=a%3Ab%2c", "a:b,"), ("/a?level", ""),
        ("/a?level=", ""), ("/a?%6cevel=a+b", "a b"), ("/a?level=1&level=2", "1"), ("/a?level=%zz%4", "%zz%4"),
        ("/a?level=a=b", "a=b"), ("/a?level=%ff", "\u{fffd}"), ("/a?levels=1", nil), ("/a", nil), ("/a?", nil),
    ])
    func readsTheQuery(_ target: String, _ expected: String?) {
        let request = HTTPRequestView(method: "GET", target: target)
        #expect(request.queryValue("level") == expected)
        #expect(request.path == "/a")
    }

    @Test func findsHeadersInAnyCase() {
        let request = HTTPRequestView(method: "GET", target: "/", headers: [("X-A", "1"), ("x-a", "2")])
        #expect(request.header("x-A") == "1")
        #expect(request.header("x-b") == nil)
    }
}
