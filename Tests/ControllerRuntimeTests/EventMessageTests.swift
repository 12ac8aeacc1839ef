import Testing

@testable import ControllerRuntime

@Suite struct EventMessageTests {
    @Test(arguments: [0, 1, 1023, 1024])
    func keepsWhatIsShortEnough(_ count: Int) {
        let message = String(repeating: "a", count: count)
        #expect(EventRecorder.shortened(message) == message)
    }

    @Test(arguments: ["a", "\u{E9}", "\u{20AC}", "\u{1F600}", "e\u{301}\u{302}"])
    func cutsBetweenCharacters(_ character: Character) {
        let message = String(repeating: character, count: 2000)
        let shortened = EventRecorder.shortened(message)
        #expect(shortened.utf8.count <= 1024)
        #expect(shortened.utf8.count > 1024 - 3 - character.utf8.count)
        #expect(shortened.hasSuffix("..."))
        #expect(message.hasPrefix(shortened.dropLast(3)))
    }
}
