import Testing

@testable import Observability

@Suite struct ListenAddressTests {
    @Test(arguments: [
        (":8080", "0.0.0.0", 8080), ("127.0.0.1:15014", "127.0.0.1", 15014), ("localhost:1", "localhost", 1),
        ("[::1]:8080", "::1", 8080), ("[::]:65535", "::", 65535),
    ])
    func reads(_ text: String, _ host: String, _ port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", ":", "8080", "127.0.0.1", "host:", ":0", ":65536", ":-1", ":+80", ":80a", "::1:8080", "[::1]", "[]:80",
        "[host]:80", "[::1:80", "a b:80", ":٣",
    ])
    func refuses(_ text: String) { #expect(ListenAddress(text) == nil) }
}
