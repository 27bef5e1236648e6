import Languages
import MirrorTypes
import SiteDocuments

/// Drawings of a page, as SVG in it. Their size and shape are attributes, for the page forbids styles in elements.
enum PageDrawing {
  /// A bar that is full to a part of it, in the colour of its urgency; what is more than full is full.
  static func bar(_ part: Double, _ urgency: Urgency, to page: inout HTMLText) {
    page.markup("<svg class=\"bar ")
    page.text("\(urgency)")
    page.markup("\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">")
    page.markup("<rect class=\"track\" width=\"100\" height=\"6\"/><rect class=\"fill\" height=\"6\" width=\"")
    page.number(100 * max(0, min(1, part)))
    page.markup("\"/></svg>")
  }

  /// The most points of a trend. Of more, some between the first and the last are left out.
  private static let maximumPoints = 60
  private static let size = (width: 120.0, height: 28.0)

  /// The number of devices over time as a line, and the limit as a broken one; a dash where there is no more than one
  /// number.
  static func trend(_ usage: [(time: UTCTime, inUse: Int)], limit: Int?, in language: Language, to page: inout HTMLText)
  {
    guard let first = usage.first, let last = usage.last, usage.count > 1, last.time > first.time else {
      page.element("span", class: "quiet", "–")
      return
    }
    let most = Double(max(usage.map(\.inUse).max() ?? 0, limit ?? 0, 1))
    let span = Double(last.time.seconds(since: first.time))
    func height(_ number: Int) -> Double { 2 + (size.height - 4) * (1 - Double(number) / most) }
    page.markup("<svg class=\"trend\" viewBox=\"0 0 120 28\" role=\"img\">")
    let limitWords = limit.map { " " + language.text(.ofLimit, language.number($0)) } ?? ""
    let numbers = language.text(.thenUsed, language.number(first.inUse), language.number(last.inUse) + limitWords)
    page.element("title", language.text(.devicesOverTime, language.day(first.time), language.day(last.time), numbers))
    if let limit {
      page.markup("<line class=\"limit\" x1=\"0\" x2=\"120\" y1=\"")
      page.number(height(limit))
      page.markup("\" y2=\"")
      page.number(height(limit))
      page.markup("\"/>")
    }
    page.markup("<polyline class=\"line\" points=\"")
    let step = max(1, (usage.count + maximumPoints - 1) / maximumPoints)
    for (index, point) in usage.enumerated() where index % step == 0 || index == usage.count - 1 {
      if index > 0 { page.markup(" ") }
      page.number(3 + (size.width - 6) * Double(point.time.seconds(since: first.time)) / span)
      page.markup(",")
      page.number(height(point.inUse))
    }
    page.markup("\"/><circle class=\"end\" r=\"2.5\" cx=\"")
    page.number(size.width - 3)
    page.markup("\" cy=\"")
    page.number(height(last.inUse))
    page.markup("\"/></svg>")
  }
}
