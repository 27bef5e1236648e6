import Failures
import MirrorTypes

/// Names from servers, sticks and sites are refused where they are read, with the words and the status of whoever reads
/// them. What is left is a path that a person has typed.
extension TreePathError: Failure {
  package var status: ExitStatus { .usage }
}
