import Failures

/// A setup that has questions, and no terminal to ask them on.
package struct NobodyToAsk: Failure {
  package init() {}

  package var status: ExitStatus { .usage }
  package var message: String { "there is no terminal to ask on" }
  package var remedy: String? {
    "Give what differs from the defaults as options, and add --yes; --dry-run shows the result."
  }
}
