import AdministrationServerDouble
import TestSupport

extension World {
  /// The table of a configuration that names an Administration Server, whose password it lays beside the others' files.
  ///
  /// - Parameter authority: who has signed the server's certificate; `nil`: this world's.
  func table(of server: AdministrationServerDouble, _ authority: TestAuthority? = nil) throws -> String {
    try write("secret\n", to: folder["password"])
    return """
      [administration_server]
      url = "\(server.url)"
      user = "admin"
      password_file = "\(folder["password"])"
      ca = "\((authority ?? self.authority).certificate)"
      """
  }
}
