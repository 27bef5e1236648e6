import Failures

/// A setup that has questions, and no terminal to ask them on.
package struct NobodyToAsk: Failure {
  package init() {}

  package var status: ExitStatus { .usage }
  package var message: String { "there is no terminal to ask on" }
  package var remedy: String? {
    "Say by options what is not as usual, and add --yes; --dry-run shows what that comes to."
  }
}
