import Testing

@testable import ProxyAgent

@Suite struct ExpositionTests {
    private func page(
        _ text: String, naming: ExpositionPage.Naming = .asTheyAre, isOpenMetrics: Bool = false
    ) -> (text: String, malformed: Int) {
        var page = ExpositionPage()
        let malformed = page.add(Array(text.utf8), naming: naming, isOpenMetrics: isOpenMetrics)
        return (String(decoding: page.bytes, as: UTF8.self), malformed)
    }

    @Test func takesWhatIsRightAsItIs() {
        let text = """
            # HELP a_total What it counts: 100 % of it.
            # TYPE a_total counter
            a_total 1
            a_total{x="y",z="a \\"b\\" } {"} 2.5e3 1700000000000
            b{} NaN
            c{le="+Inf",} -Inf

            """
        let result = page(text)
        #expect(result.text == text)
        #expect(result.malformed == 0)
    }

    @Test(arguments: [
        "<html>", "a", "a b", "a{x=y} 1", "a{x=\"y} 1", "1a 2", "a 1 2 3", "a{x=\"\u{1}\"} 1 x", "# TYPE", "a 0x1p3z",
        "a{x=\"y\" z=\"w\"} 1",
    ])
    func leavesOutWhatNobodyCanRead(_ line: String) {
        let result = page("good 1\n\(line)\nbetter 2\n")
        #expect(result.text == "good 1\nbetter 2\n")
        #expect(result.malformed == 1)
    }

    @Test func leavesOutBytesThatAreNoText() {
        var page = ExpositionPage()
        let malformed = page.add(Array("a{x=\"".utf8) + [0xFF, 0xFE] + Array("\"} 1\nb 2\n".utf8))
        #expect(malformed == 1)
        #expect(page.bytes == Array("b 2\n".utf8))
    }

    @Test func describesEveryMetricOnce() {
        var page = ExpositionPage()
        _ = page.add(Array("# TYPE up gauge\nup 1\n".utf8))
        _ = page.add(Array("# HELP up Second.\n# TYPE up counter\nup{a=\"b\"} 2\n".utf8))
        #expect(
            String(decoding: page.bytes, as: UTF8.self)
                == "# TYPE up gauge\nup 1\n# HELP up Second.\nup{a=\"b\"} 2\n")
    }

    @Test func makesOpenMetricsThisFormat() {
        let text = """
            # TYPE a counter
            # UNIT a seconds
            a_total 3 1700000000.5 # {trace="x"} 1
            # TYPE b unknown
            b 1
            # EOF

            """
        #expect(page(text, isOpenMetrics: true).text == "# TYPE a counter\na_total 3\n# TYPE b untyped\nb 1\n")
    }

    @Test func putsTheAgentsNamesUnderIstios() {
        let result = page(
            "# TYPE x_total counter\nx_total 1\nistio_agent_y 2\n", naming: .under(prefix: "istio_agent_"))
        #expect(result.text == "# TYPE istio_agent_x_total counter\nistio_agent_x_total 1\nistio_agent_y 2\n")
    }
}
