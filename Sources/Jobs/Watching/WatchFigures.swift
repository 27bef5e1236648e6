import MirrorTypes

extension PrometheusText {
  /// What there is to watch of a store, beside what the web store reports of its release.
  ///
  /// - Parameter forOwner: whether sites and licences are among it, which are not for whoever reads a web server.
  package mutating func add(_ facts: WatchFacts, forOwner: Bool) {
    runs(facts)
    ends(facts)
    if let room = facts.room {
      single("kscmirror_free_bytes", "What is free below the store.", room.free)
      single("kscmirror_next_release_bytes", "What the next release is expected to need.", room.need)
    }
    if forOwner {
      sites(facts.sites)
      licences(facts.licences)
    }
  }

  private mutating func single(_ name: String, _ help: String, _ value: Int64?) {
    guard let value else { return }
    family(name, "gauge", help)
    sample(name, value)
  }

  private mutating func runs(_ facts: WatchFacts) {
    guard !facts.jobs.isEmpty else { return }
    family("kscmirror_job_last_success_seconds", "gauge", "When a command ended well last.")
    for job in facts.jobs {
      if let time = job.succeeded { sample("kscmirror_job_last_success_seconds", [("job", job.job)], time.seconds) }
    }
    family("kscmirror_job_last_finished_seconds", "gauge", "When a command ended last, however it ended.")
    for job in facts.jobs { sample("kscmirror_job_last_finished_seconds", [("job", job.job)], job.finished.seconds) }
    family("kscmirror_job_failures", "gauge", "Runs of a command that failed since its last success.")
    for job in facts.jobs { sample("kscmirror_job_failures", [("job", job.job)], Int64(job.failures)) }
    family("kscmirror_running", "gauge", "Runs that are under way.")
    sample("kscmirror_running", Int64(facts.running.count))
  }

  private mutating func ends(_ facts: WatchFacts) {
    single(
      "kscmirror_metadata_expires_seconds",
      "When what is signed here, or was imported last, expires.",
      facts.expires?.seconds
    )
    single("kscmirror_root_expires_seconds", "When the root expires.", facts.rootExpires?.seconds)
    single(
      "kscmirror_next_stick_arrives_seconds",
      "When the databases here become old or what was imported expires.",
      [facts.forecast?.old, facts.forecast?.expires].compactMap { $0 }.min()?.seconds
    )
  }

  private mutating func sites(_ sites: [WatchFacts.Site]) {
    let figures: [(String, String, (WatchFacts.Site) -> Int64?)] = [
      ("kscmirror_site_receipt_seconds", "When the last receipt of a site was collected.", { $0.received?.seconds }),
      ("kscmirror_site_snapshot", "The snapshot that is published at a site.", { $0.snapshot.map(Int64.init) }),
      ("kscmirror_site_index_seconds", "The date of the databases at a site.", { $0.indexDate?.seconds }),
      ("kscmirror_site_old_seconds", "When the databases of a site become old.", { $0.forecast.old?.seconds }),
      (
        "kscmirror_site_very_old_seconds", "When the databases of a site become very old.",
        { $0.forecast.veryOld?.seconds }
      ),
      ("kscmirror_site_expires_seconds", "When what a site imported last expires.", { $0.forecast.expires?.seconds }),
      ("kscmirror_site_leave_seconds", "When the next stick for a site has to leave.", { $0.forecast.leave?.seconds }),
    ]
    for (name, help, value) in figures {
      let samples = sites.compactMap { site in value(site).map { (site.name, $0) } }
      guard !samples.isEmpty else { continue }
      family(name, "gauge", help)
      for (site, value) in samples { sample(name, [("site", site)], value) }
    }
  }

  private mutating func licences(_ licences: [WatchFacts.Licences]) {
    guard !licences.isEmpty else { return }
    family("kscmirror_licences", "gauge", "Licences of a site, by how urgent they are.")
    for site in licences {
      let fine = site.count - site.warnings - site.critical
      for (urgency, count) in [("fine", fine), ("warning", site.warnings), ("critical", site.critical)] {
        sample("kscmirror_licences", [("site", site.site), ("urgency", urgency)], Int64(count))
      }
    }
  }
}
