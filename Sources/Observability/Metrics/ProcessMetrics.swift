#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Memory, processor time, start and open files of this process, under the names every exporter uses.
///
/// Read from `/proc` at each scrape; a number that cannot be read is left out.
package enum ProcessMetrics {
    /// Makes `registry` read them at each scrape.
    package static func collect(into registry: MetricsRegistry) {
        registry.collect(samples)
    }

    /// The numbers now.
    @Sendable package static func samples() -> [MetricSample] {
        var samples: [MetricSample] = []
        if let pages = words(of: "/proc/self/statm"), pages.count > 1, let total = Double(pages[0]),
            let resident = Double(pages[1])
        {
            let size = Double(sysconf(Int32(_SC_PAGESIZE)))
            samples.append(
                MetricSample(
                    name: "process_resident_memory_bytes", help: "Resident memory in bytes.", kind: .gauge,
                    value: resident * size))
            samples.append(
                MetricSample(
                    name: "process_virtual_memory_bytes", help: "Virtual memory in bytes.", kind: .gauge,
                    value: total * size))
        }
        var used = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 {
            samples.append(
                MetricSample(
                    name: "process_cpu_seconds_total", help: "Processor time used, user and system, in seconds.",
                    kind: .counter, value: Double(used.tv_sec) + Double(used.tv_nsec) / 1e9))
        }
        if let start = startTime {
            samples.append(
                MetricSample(
                    name: "process_start_time_seconds", help: "Start of the process, in seconds since 1970.",
                    kind: .gauge, value: start))
        }
        if let count = openFiles() {
            samples.append(
                MetricSample(
                    name: "process_open_fds", help: "Open file descriptors.", kind: .gauge, value: Double(count)))
        }
        return samples
    }

    /// How long the process has been running, in seconds; nil where the kernel does not tell when it began.
    package static var age: Double? {
        #if canImport(Darwin)
        return nil
        #else
        var now = timespec()
        guard let start = startAfterBoot, clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        return max(0, Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - start)
        #endif
    }

    /// Seconds since 1970, to a hundredth: the kernel counts from boot. Read once, it does not change.
    private static let startTime: Double? = {
        let boot = text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let boot, let seconds = Double(boot.dropFirst("btime ".count)), let start = startAfterBoot else {
            return nil
        }
        return seconds + start
    }()

    private static let startAfterBoot: Double? = {
        // The second field is the program's name in brackets and may hold spaces: count from the last bracket on.
        guard let stat = text(of: "/proc/self/stat"), let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        guard fields.count > 19, let started = Double(fields[19]), ticks > 0 else { return nil }
        return started / Double(ticks)
    }()

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count - 3  // ".", ".." and the folder's own descriptor
    }

    private static func words(of path: String) -> [Substring]? {
        text(of: path)?.split(whereSeparator: \.isWhitespace)
    }

    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if count == 0 || errno != EINTR {
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
        }
    }
}
