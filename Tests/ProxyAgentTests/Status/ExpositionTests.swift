import Testing

@testable import StatusServer

@Suite struct ExpositionTests {
    private func page(
        _ text: String, naming: ExpositionPage.Naming = .asTheyAre, isOpenMetrics: Bool = false,
        as format: ExpositionFormat = .text
    ) -> (text: String, malformed: Int) {
        var page = ExpositionPage(format)
        let malformed = page.add(Array(text.utf8), naming: naming, isOpenMetrics: isOpenMetrics)
        page.finish()
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
        "a{x=\"y\" z=\"w\"} 1", "a{b:c=\"x\"} 1", "a 0x1p3", "a 0x1", "a 1e999",
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
            # HELP a Says \\"a\\" and \\\\ and \\n.
            a_total 3 1700000000.5 # {trace="x"} 1
            # TYPE b unknown
            b 1
            # TYPE c info
            c_info{v="1"} 1
            # EOF

            """
        let expected = """
            # HELP a_total Says "a" and \\\\ and \\n.
            # TYPE a_total counter
            a_total 3 1700000000500
            # TYPE b untyped
            b 1
            # TYPE c_info gauge
            c_info{v="1"} 1

            """
        let result = page(text, isOpenMetrics: true)
        #expect(result.text == expected)
        #expect(result.malformed == 0)
    }

    private static let open = ExpositionFormat.openMetrics(version: "1.0.0")

    @Test func makesOpenMetricsOfThisFormat() {
        let text = """
            # HELP a_total Says "a".
            # TYPE a_total counter
            a_total{ x = "y, }" , z="\\"w " ,}  3\t1700000000005

            # TYPE b counter
            b{} 1
            # TYPE b_total counter
            b_total 2
            # TYPE c untyped
            c 1 -1500
            # TYPE d histogram
            d_bucket{le="+Inf"} 1
            e 5
            """
        let expected = """
            # HELP a Says \\"a\\".
            # TYPE a counter
            a_total{x="y, }",z="\\"w "} 3 1700000000.005
            # TYPE b unknown
            b{} 1
            # TYPE b_total unknown
            b_total 2
            # TYPE c unknown
            c 1 -1.500
            # TYPE d histogram
            d_bucket{le="+Inf"} 1
            e 5
            # EOF

            """
        let result = page(text, as: Self.open)
        #expect(result.text == expected)
        #expect(result.malformed == 0)
    }

    @Test func keepsOpenMetricsAsItIs() {
        let text = """
            # HELP a_seconds How long.
            # TYPE a_seconds histogram
            # UNIT a_seconds seconds
            a_seconds_bucket{le="0.1"} 8 # {trace_id="KOO5S4vxi0o"} 0.067 1700000000.123
            a_seconds_bucket{le="+Inf"} 10 1700000000 # {} 9.8
            a_seconds_created 1.5
            # TYPE b stateset
            b{b="on"} 1
            # TYPE c counter
            c_total 1
            # EOF

            """
        let result = page(text, isOpenMetrics: true, as: Self.open)
        #expect(result.text == text)
        #expect(result.malformed == 0)
    }

    /// A value counts without an exemplar that nobody can read.
    @Test(arguments: ["# x", "# {a=\"b\"}", "# {a=\"b\"} x", "# {a=\"b\"} 1 2 3", "# {a=b} 1"])
    func leavesBrokenExemplarsOut(_ exemplar: String) {
        let result = page("a_total 1 \(exemplar)\n", isOpenMetrics: true, as: Self.open)
        #expect(result.text == "a_total 1\n# EOF\n")
    }

    @Test(arguments: [
        ("a_total 1 #{id=\"x\"} 1", "a_total 1 # {id=\"x\"} 1"), ("a_total  1  #  {} 1", "a_total 1 # {} 1"),
        ("a_total 1 # {id = \"x, }\" ,}  2\t3 ", "a_total 1 # {id=\"x, }\"} 2 3"),
        ("a_total 1 # {id=\"x\"} 1 NaN", "a_total 1 # {id=\"x\"} 1"),
        ("a_total 1 # {id:x=\"x\"} 1", "a_total 1"), ("a 1 NaN", "a 1"), ("a 1 +Inf", "a 1"), ("a 1 1.5", "a 1 1.5"),
    ])
    func writesWhatOpenMetricsIsStrictAbout(_ line: String, _ written: String) {
        let result = page("\(line)\n", isOpenMetrics: true, as: Self.open)
        #expect(result.text == "\(written)\n# EOF\n")
        #expect(result.malformed == 0)
    }

    @Test func thePageEndsOnceWhateverItsPartsSay() {
        var page = ExpositionPage(Self.open)
        _ = page.add(Array("a_total 1\n# EOF\n".utf8), isOpenMetrics: true)
        _ = page.add(Array("# TYPE b_total counter\nb_total 1\n".utf8), naming: .under(prefix: "istio_agent_"))
        _ = page.add(Array("c 1\n# EOF\n".utf8), isOpenMetrics: true)
        page.finish()
        #expect(
            String(decoding: page.bytes, as: UTF8.self)
                == "a_total 1\n# TYPE istio_agent_b counter\nistio_agent_b_total 1\nc 1\n# EOF\n")
    }

    @Test(arguments: [
        // As Prometheus asks, old and new.
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpositionFormat.openMetrics(version: "1.0.0")
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics(version: "1.0.0")
        ),
        ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5", .openMetrics(version: "0.0.1")),
        ("application/openmetrics-text", .openMetrics(version: "1.0.0")),
        ("application/openmetrics-text;q=0", .text), ("application/openmetrics-text;version=7", .text),
        ("text/plain;q=0.9,application/openmetrics-text;q=0.4", .text), ("*/*", .text), ("", .text),
    ])
    func givesWhatTheScraperWouldRatherHave(_ accept: String, _ format: ExpositionFormat) {
        #expect(ExpositionFormat(accepting: accept) == format)
    }

    @Test func putsTheAgentsNamesUnderIstios() {
        let result = page(
            "# TYPE x_total counter\nx_total 1\nistio_agent_y 2\n", naming: .under(prefix: "istio_agent_"))
        #expect(result.text == "# TYPE istio_agent_x_total counter\nistio_agent_x_total 1\nistio_agent_y 2\n")
    }
}
