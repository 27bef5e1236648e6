import FileSystem
import Glibc
import Testing

@Suite struct SystemUserTests {
  @Test func `users are found by name`() throws {
    #expect(SystemUser("root")?.number == 0)
    #expect(SystemUser("no-such-user-here") == nil)
    #expect(SystemUser.current?.number == geteuid())
  }

  @Test func `a user without a name has a number`() {
    #expect(SystemUser.name(of: 0) == "root" && SystemUser.name(of: 3_999_999_999) == "3999999999")
  }
}
