import SiteDocuments

/// The style of a page of licences: the only one that the page's policy allows, by its digest.
enum LicencePageStyle {
  static let css: StaticString = """

    :root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --ink: #1b1f24; --quiet: #5b6470;
      --edge: #dde1e6; --track: #e6e9ed; --critical: #b3261e; --warning: #8a5a00; --fine: #1f7a3d; --fill: #4a6fa5; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171a; --card: #1d2126; --ink: #e7eaee; --quiet: #a1abb6; --edge: #333a42; --track: #2d333a;
        --critical: #ff8a80; --warning: #f0b429; --fine: #6fcf8e; --fill: #86aee0; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 76rem; background: var(--ground); color: var(--ink);
      font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
    h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .2rem; font-size: 1.25rem; overflow-wrap: anywhere; }
    p { margin: .2rem 0 .6rem; }
    section { margin: 1.5rem 0 2.5rem; }
    .quiet { color: var(--quiet); font-size: .875rem; font-weight: 400; }
    .summary { display: flex; flex-wrap: wrap; gap: .75rem; margin: .75rem 0; padding: 0; list-style: none; }
    .summary li { flex: 1 1 9rem; padding: .6rem .9rem; background: var(--card); border: 1px solid var(--edge);
      border-left: .3rem solid var(--track); border-radius: .5rem; }
    .summary b { display: block; font-size: 1.6rem; line-height: 1.2; }
    .summary .critical { border-left-color: var(--critical); } .summary .critical b { color: var(--critical); }
    .summary .warning { border-left-color: var(--warning); } .summary .warning b { color: var(--warning); }
    .summary .fine { border-left-color: var(--fine); }
    .summary .none { color: var(--quiet); }
    details { margin: .75rem 0 1rem; padding: .6rem .9rem; background: var(--card); border: 1px solid var(--edge);
      border-radius: .5rem; }
    summary { cursor: pointer; font-weight: 600; }
    .changes { margin: .4rem 0 .1rem; padding-left: 1.2rem; font-size: .9375rem; overflow-wrap: anywhere; }
    table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); table-layout: fixed;
      border: 1px solid var(--edge); border-radius: .5rem; }
    th, td { padding: .7rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--edge);
      overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    thead th { border-top: 0; color: var(--quiet); font-size: .8125rem; font-weight: 600; }
    thead th:first-child { width: 29%; } thead th:nth-child(2) { width: 21%; } thead th:last-child { width: 9.5rem; }
    tbody th { font-weight: 400; border-left: .3rem solid var(--edge); }
    tbody tr:last-child > :first-child { border-bottom-left-radius: .5rem; }
    tr.critical > th { border-left-color: var(--critical); } tr.warning > th { border-left-color: var(--warning); }
    tr.fine > th { border-left-color: var(--fine); }
    .product { display: block; font-weight: 600; }
    .day { white-space: nowrap; }
    code { display: inline-block; max-width: 100%; margin-right: .6rem;
      font: .875rem ui-monospace, "DejaVu Sans Mono", monospace; }
    .badge { font-weight: 600; }
    .critical .badge { color: var(--critical); } .warning .badge { color: var(--warning); }
    .fine .badge { color: var(--fine); } .fine .idle { color: var(--quiet); }
    .bar { display: block; width: 100%; height: .4rem; margin-top: .35rem; border-radius: .2rem; overflow: hidden; }
    .track { fill: var(--track); } .fill { fill: var(--fill); }
    .bar.critical .fill { fill: var(--critical); } .bar.warning .fill { fill: var(--warning); }
    .trend { display: block; width: 7.5rem; height: 1.75rem; overflow: visible; }
    .line { fill: none; stroke: var(--fill); stroke-width: 1.75; stroke-linejoin: round; }
    .end { fill: var(--fill); } .limit { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 3; }
    @media (max-width: 44rem) {
      body { padding: 1rem .75rem 2rem; }
      table, tbody, tr, tbody th, td { display: block; width: auto; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .summary { gap: .5rem; } .summary li { flex-basis: 6rem; padding: .5rem .6rem; }
      table { background: none; border: 0; }
      tr { margin-bottom: .75rem; background: var(--card); border: 1px solid var(--edge); border-left: .3rem solid var(--edge);
        border-radius: .5rem; overflow: hidden; }
      tr.critical { border-left-color: var(--critical); } tr.warning { border-left-color: var(--warning); }
      tr.fine { border-left-color: var(--fine); }
      tbody th { border: 0; padding-bottom: .2rem; }
      td { display: grid; grid-template-columns: 6rem 1fr; column-gap: .5rem; padding: .35rem .8rem; border: 0; }
      td::before { content: attr(data-label); grid-row: 1 / span 3; color: var(--quiet); font-size: .875rem; }
      td > * { grid-column: 2; }
      td:last-child { padding-bottom: .8rem; } }
    @media print {
      :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --quiet: #444; --edge: #bbb; --track: #ddd;
        --critical: #b3261e; --warning: #8a5a00; --fine: #1f7a3d; --fill: #4a6fa5; }
      html { font-size: 8.5pt; } body { max-width: none; padding: 0; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      tr, .summary li, details { break-inside: avoid; } h2 { break-after: avoid; }
      thead { display: table-header-group; } th, td { padding: .35rem .5rem; } }

    """
}
