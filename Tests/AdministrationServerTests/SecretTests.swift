import AdministrationServer
import Testing

@Suite struct SecretTests {
  private struct Holder {
    let secret = Secret("hunter2")
    let body = KeyBody.code(Secret("ABCDE-FGHIJ-KLMNO-PQRST"))
    let signIn = SignIn.password(user: "u", password: Secret("hunter2"))
  }

  @Test func `a secret does not show itself, however it is printed`() {
    let holder = Holder()
    var dumped = ""
    dump(holder, to: &dumped)
    let shown = [
      "\(holder.secret)", String(reflecting: holder.secret), String(describing: holder.body), "\(holder.signIn)",
      String(reflecting: holder), dumped,
    ]
    for text in shown {
      #expect(!text.contains("hunter2") && !text.contains("FGHIJ"), "\(text)")
      // Nor as a list of bytes.
      #expect(!text.contains("104, 117"), "\(text)")
    }
  }

  @Test func `a request does not show its headers and its body`() {
    let request = OpenAPIRequest(
      method: .post,
      path: "/api/v1.0/x.y",
      headers: [.init("Authorization", "hunter2")],
      body: Array("hunter2".utf8),
      maximumBytes: 1
    )
    var dumped = ""
    dump(request, to: &dumped)
    for text in ["\(request)", String(reflecting: request), dumped] {
      #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
    }
  }

  @Test func `a secret is what was put into it`() {
    #expect(Secret("pässword").exposedText == "pässword")
    #expect(Secret([1, 2, 3]).exposedBytes == [1, 2, 3])
    #expect(Secret([0xFF]).exposedText == nil)
    #expect(Secret("").isEmpty)
    #expect(Secret("a") == Secret("a"))
    #expect(Secret("a") != Secret("b"))
    #expect(Secret("a") != Secret("ab"))
  }

  @Test(arguments: [
    ("ABCDE-FGHIJ-KLMNO-PQRST", true), ("ABCDE-FGHIJ-KLMNO-PQRST\r\n", true), ("ABCDE-FGHIJ-KLMNO-PQRS", false),
    ("ABCDE.FGHIJ-KLMNO-PQRST", false), ("ABCDE-FGHIJ-KLMNO-PQRST-UVWXY", false), ("", false),
  ])
  func `a code is distinguished from a file by its form`(_ text: String, _ isCode: Bool) {
    switch KeyBody(Array(text.utf8)) {
    case .code(let secret):
      #expect(isCode)
      #expect(secret.count == 23)
    case .file(let secret):
      #expect(!isCode)
      #expect(secret.exposedText == text)
    }
  }
}
