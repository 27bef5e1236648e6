import StrictJSON

extension LicenceReport {
  /// The report as JSON in one line:
  /// `{"licences":[…],"made":…,"now":…,"site":…,"summary":{…},"version":1,"warnDays":30}`.
  ///
  /// A licence has its fields under `key`, as in a document, and beside them `daysLeft`, `expires`, `states` and
  /// `urgency`.
  package var json: String {
    var output = Array("{\"licences\":[".utf8)
    for (index, row) in rows.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      row.write(to: &output)
    }
    output += "],\"made\":\"\(made.text)\",\"now\":\"\(now.text)\",\"site\":".utf8
    JSONForm.visible.write(site, to: &output)
    let counts = Dictionary(uniqueKeysWithValues: Urgency.allCases.map { ("\($0)", count($0)) })
    output += ",\"summary\":".utf8
    JSONValue.object(JSONObject(counts: counts)).write(.visible, to: &output)
    output += ",\"version\":1,\"warnDays\":\(warnDays)}\n".utf8
    return String(decoding: output, as: UTF8.self)
  }
}

extension LicenceReport.Row {
  fileprivate func write(to output: inout [UInt8]) {
    output += "{".utf8
    if let days = assessment.daysLeft { output += "\"daysLeft\":\(days),".utf8 }
    if let expiry = assessment.expiry { output += "\"expires\":\"\(expiry.text)\",".utf8 }
    output += "\"key\":{".utf8
    key.writeMembers(to: &output)
    let states = assessment.states.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    output += "},\"states\":[\(states)],\"urgency\":\"\(assessment.urgency)\"}".utf8
  }
}
