import Foundation

/// Archives and compressed data, made by hand and by the system's gzip.
enum TestArchives {
    /// A tar archive.
    static func tar(_ files: [(name: String, content: [UInt8])]) -> [UInt8] {
        files.flatMap { header($0.name, $0.content.count) + padded($0.content) } + [UInt8](repeating: 0, count: 1024)
    }

    static func gzip(_ content: [UInt8]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "apus-gzip-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(content).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-c", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(output)
    }

    private static func padded(_ content: [UInt8]) -> [UInt8] {
        content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    private static func header(_ name: String, _ size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            for (offset, octet) in text.utf8.enumerated() { header[place + offset] = octet }
        }
        put(name, at: 0)
        put("0000644", at: 100)
        let digits = String(size, radix: 8)
        put(String(repeating: "0", count: 11 - digits.count) + digits, at: 124)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
        return header
    }
}
