/// Where programs are run: in this network namespace or in another one.
struct CommandContext {
    /// The path of another network namespace.
    var networkNamespace = ""

    /// Runs a program.
    ///
    /// - Returns: `nil` if there is no such program.
    func run(_ words: [String], input: String = "") throws(CaptureError) -> CommandRun.Outcome? {
        guard !networkNamespace.isEmpty else { return try CommandRun(words: words, input: input).run() }
        let entry = ["nsenter", "--net=\(networkNamespace)", "--"]
        guard let outcome = try CommandRun(words: entry + words, input: input).run() else {
            throw CaptureError("nsenter: no such program: --network-namespace needs it")
        }
        return outcome.status == 127 ? nil : outcome
    }

    /// A failed run in words.
    func failure(_ words: [String], _ outcome: CommandRun.Outcome) -> String {
        "\(words.joined(separator: " ")) failed: \(outcome.said)"
    }
}
