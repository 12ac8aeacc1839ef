import Foundation
import Metrics
import Testing

@testable import Observability

@Suite struct MetricsTests {
    @Test func rendersEveryKind() {
        let registry = MetricsRegistry()
        registry.counter("b_total", help: "Things.\nMany \\ of \"them\".", labels: ["kind": "x\"y\\z\nw", "a": "é"])
            .increment(by: 2)
        registry.counter("b_total", labels: ["kind": "a", "a": "é"]).increment(by: 0.5)
        registry.gauge("a_depth", help: "Depth.").set(-3)
        let histogram = registry.histogram("c_seconds", help: "Time.", labels: ["name": "q"], buckets: [1, 0.1, 1])
        for value in [0.05, 0.1, 0.5, 7, .nan] { histogram.observe(value) }
        #expect(
            registry.prometheusText() == #"""
                # HELP a_depth Depth.
                # TYPE a_depth gauge
                a_depth -3
                # HELP b_total Things.\nMany \\ of "them".
                # TYPE b_total counter
                b_total{a="é",kind="a"} 0.5
                b_total{a="é",kind="x\"y\\z\nw"} 2
                # HELP c_seconds Time.
                # TYPE c_seconds histogram
                c_seconds_bucket{name="q",le="0.1"} 2
                c_seconds_bucket{name="q",le="1"} 3
                c_seconds_bucket{name="q",le="+Inf"} 4
                c_seconds_sum{name="q"} 7.65
                c_seconds_count{name="q"} 4

                """#)
    }

    @Test(arguments: [
        (0, "0"), (1e14, "100000000000000"), (1.5e300, "1.5e+300"), (0.1, "0.1"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"), (-0.0, "0"), (9_007_199_254_740_993, "9007199254740992.0"),
    ])
    func rendersNumbers(_ value: Double, _ expected: String) {
        #expect(PrometheusText.number(value) == expected)
    }

    @Test func countersNeverFall() {
        let counter = MetricsRegistry().counter("x")
        counter.increment()
        counter.increment(by: 2)
        counter.increment(by: -1)
        counter.increment(by: .nan)
        counter.increment(by: .infinity)
        #expect(counter.value == 3)
    }

    @Test func makesLegalNames() {
        let registry = MetricsRegistry()
        registry.counter("work-queue.adds", labels: ["a-b": "1", "9c": "2", "ä": "3"]).increment()
        registry.counter("9lives").increment()
        registry.histogram("h", labels: ["le": "mine"], buckets: []).observe(1)
        #expect(
            registry.prometheusText() == """
                # TYPE _9lives counter
                _9lives 1
                # TYPE h histogram
                h_bucket{exported_le="mine",le="+Inf"} 1
                h_sum{exported_le="mine"} 1
                h_count{exported_le="mine"} 1
                # TYPE work_queue_adds counter
                work_queue_adds{_9c="2",__="3",a_b="1"} 1

                """)
    }

    /// Labels from outside cannot fill the memory, and what is lost is counted.
    @Test func boundsSeries() {
        let registry = MetricsRegistry(seriesLimit: 3, metricLimit: 2)
        for index in 0..<10 { registry.counter("hits_total", labels: ["path": "/\(index)"]).increment() }
        registry.counter("hits_total", labels: ["path": "/1"]).increment()
        registry.gauge("hits_total").set(5)
        registry.gauge("second").set(1)
        registry.gauge("third").set(1)
        #expect(
            registry.prometheusText() == """
                # HELP apus_metrics_dropped_series_total Series that were asked for but not kept, because the metric \
                has too many or its name is taken by another kind.
                # TYPE apus_metrics_dropped_series_total counter
                apus_metrics_dropped_series_total{metric="hits_total"} 8
                apus_metrics_dropped_series_total{metric="other"} 1
                # TYPE hits_total counter
                hits_total{path="/0"} 1
                hits_total{path="/1"} 2
                hits_total{path="/2"} 1
                # TYPE second gauge
                second 1

                """)
    }

    @Test func servesSwiftMetrics() {
        let registry = MetricsRegistry()
        registry.describe("reconcile_seconds", help: "Time of one.", buckets: [0.5, 2])
        let counter = Counter(label: "adds_total", dimensions: [("name", "q")], factory: registry)
        counter.increment(by: 4)
        Counter(label: "adds_total", dimensions: [("name", "q")], factory: registry).increment()
        FloatingPointCounter(label: "busy_seconds_total", factory: registry).increment(by: 1.5)
        let meter = Meter(label: "depth", factory: registry)
        meter.set(5)
        meter.decrement(by: 2)
        Gauge(label: "level", factory: registry).record(7)
        Recorder(label: "sizes", aggregate: true, factory: registry).record(3)
        let timer = Metrics.Timer(label: "reconcile_seconds", factory: registry)
        timer.recordMilliseconds(750)
        timer.recordNanoseconds(250_000_000)
        let gone = Counter(label: "gone_total", factory: registry)
        gone.increment()
        gone.destroy()
        #expect(
            registry.prometheusText() == """
                # TYPE adds_total counter
                adds_total{name="q"} 5
                # TYPE busy_seconds_total counter
                busy_seconds_total 1.5
                # TYPE depth gauge
                depth 3
                # TYPE level gauge
                level 7
                # HELP reconcile_seconds Time of one.
                # TYPE reconcile_seconds histogram
                reconcile_seconds_bucket{le="0.5"} 1
                reconcile_seconds_bucket{le="2"} 2
                reconcile_seconds_bucket{le="+Inf"} 2
                reconcile_seconds_sum 1
                reconcile_seconds_count 2
                # TYPE sizes histogram
                sizes_bucket{le="0.005"} 0
                sizes_bucket{le="0.01"} 0
                sizes_bucket{le="0.025"} 0
                sizes_bucket{le="0.05"} 0
                sizes_bucket{le="0.1"} 0
                sizes_bucket{le="0.25"} 0
                sizes_bucket{le="0.5"} 0
                sizes_bucket{le="1"} 0
                sizes_bucket{le="2.5"} 0
                sizes_bucket{le="5"} 1
                sizes_bucket{le="10"} 1
                sizes_bucket{le="+Inf"} 1
                sizes_sum 3
                sizes_count 1

                """)
    }

    /// No increment is lost between threads.
    @Test func countsFromManyTasks() async {
        let registry = MetricsRegistry()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<5000 {
                        registry.counter("c_total", labels: ["n": "\(index % 3)"]).increment()
                        registry.gauge("g").add(1)
                        registry.histogram("h", buckets: [1]).observe(Double(index % 2) * 2)
                    }
                }
            }
        }
        let counts = (0..<3).map { registry.counter("c_total", labels: ["n": "\($0)"]).value }
        #expect(counts.reduce(0, +) == 40_000)
        #expect(registry.gauge("g").value == 40_000)
        let text = registry.prometheusText()
        #expect(text.contains("h_bucket{le=\"1\"} 20000\n"))
        #expect(text.contains("h_count 40000\n"))
    }

    /// The process' own numbers against what the system says elsewhere.
    @Test func readsTheProcess() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.collect(into: registry)
        let text = registry.prometheusText()
        func value(_ name: String) throws -> Double {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") }, "\(name)")
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        let resident = try #require(Double(line.split(separator: " ", omittingEmptySubsequences: true)[1])) * 1024
        #expect(try (0.5...2).contains(value("process_resident_memory_bytes") / resident))
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_open_fds") >= 3)
        let now = Date.now.timeIntervalSince1970
        #expect(try (now - 3600...now + 1).contains(value("process_start_time_seconds")))
        #expect(text.contains("# TYPE process_cpu_seconds_total counter\n"))
    }
}
