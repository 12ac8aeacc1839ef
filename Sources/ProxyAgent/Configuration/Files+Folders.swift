import Glibc

extension Files {
    /// Makes a folder and those above it, as far as that is possible: writing into it tells what was not.
    static func makeFolder(_ path: String) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") where part != "." {
            made += "/\(part)"
            mkdir(made, 0o755)
        }
    }
}
