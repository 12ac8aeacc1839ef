import CommandLineTool

/// `apus`: see `ApusCommand`.
@main
enum Apus {
    static func main() async { await ApusCommand.runProgram() }
}
