import Demand
import MirrorTypes

/// What of a tree is to be mirrored, and for which sites, where that depends on what they report.
struct PlannedTree {
  let plan: TreePlan
  var demand: DemandNotes?
}

/// What one sync of a tree works with, from its first request to its last.
struct TreeVisit {
  let planned: PlannedTree
  /// What the last sealed sync knew, if it was made by the same plan.
  let memory: TreeMemory?
  /// What is known of single files; it lies in the store.
  let files: FileMemory
  let answers: IndexAnswers
  let check: ComponentCheck
  let counter = FetchCounter()
  /// What has to be asked for; it changes from walk to walk.
  var decider: FetchDecider
}

/// A tree that was walked to its end.
struct WalkedTree {
  let walk: TreeWalk
  /// What lies beside its files, if that is wanted.
  let differences: DifferenceWalk?

  /// The files that a server was asked for.
  var answered: Set<TreePath> { walk.answered.union(differences?.answered ?? []) }
}
