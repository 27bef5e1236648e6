/// Waits until something is so, for ten seconds at the most.
package func eventually(_ condition: () -> Bool) async throws -> Bool {
  for _ in 0..<1000 {
    if condition() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return condition()
}
