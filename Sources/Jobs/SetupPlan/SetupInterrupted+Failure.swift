import Failures

extension SetupInterrupted: Failure {
  package var status: ExitStatus { .usage }
  package var message: String { "the answers ended before the questions did; nothing was changed" }
  package var remedy: String? { "Answer on a terminal, or give all by options, with --yes." }
}
