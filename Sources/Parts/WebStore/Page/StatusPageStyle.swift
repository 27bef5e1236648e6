/// The style of the status page: the only one that the page's policy allows, by its digest.
enum StatusPageStyle {
  static let css: StaticString = """

    :root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --ink: #1b1f24; --quiet: #5b6470;
      --edge: #dde1e6; --critical: #b3261e; --warning: #8a5a00; --fine: #1f7a3d; --link: #2457a0; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171a; --card: #1d2126; --ink: #e7eaee; --quiet: #a1abb6; --edge: #333a42;
        --critical: #ff8a80; --warning: #f0b429; --fine: #6fcf8e; --link: #8ab8f5; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 76rem; background: var(--ground); color: var(--ink);
      font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
    h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .3rem; font-size: 1.25rem; }
    p { margin: .2rem 0 .6rem; overflow-wrap: anywhere; }
    section { margin: 1.75rem 0; }
    a { color: var(--link); }
    a:focus-visible { outline: .2rem solid var(--link); outline-offset: .15rem; border-radius: .15rem; }
    .skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
    .quiet, .label { color: var(--quiet); font-size: .875rem; font-weight: 400; }
    .summary { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1rem 0;
      padding: 0; list-style: none; }
    .summary li { padding: .7rem .9rem; background: var(--card); border: 1px solid var(--edge);
      border-left: .3rem solid var(--edge); border-radius: .5rem; }
    .summary span { display: block; } .summary b { display: block; font-size: 1.5rem; line-height: 1.25; }
    .summary .critical, .run.critical, .plain .critical { border-left-color: var(--critical); }
    .summary .warning, .plain .warning { border-left-color: var(--warning); }
    .summary .fine, .run.fine { border-left-color: var(--fine); }
    .run, .plain li, .empty { padding: .6rem .9rem; background: var(--card); border: 1px solid var(--edge);
      border-left: .3rem solid var(--edge); border-radius: .5rem; }
    .plain { margin: 0; padding: 0; list-style: none; } .plain li { margin-bottom: .5rem; }
    .badge { font-weight: 600; }
    .critical .badge { color: var(--critical); } .warning .badge { color: var(--warning); }
    .fine .badge { color: var(--fine); }
    table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); table-layout: fixed;
      border: 1px solid var(--edge); border-radius: .5rem; }
    th, td { padding: .55rem .8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--edge);
      overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    thead th { border-top: 0; color: var(--quiet); font-size: .8125rem; font-weight: 600; }
    thead th:first-child { width: 34%; }
    .figure { text-align: right; } thead .figure { width: 7.5rem; }
    tbody th { font-weight: 400; border-left: .3rem solid var(--edge); }
    tr.critical > th { border-left-color: var(--critical); } tr.warning > th { border-left-color: var(--warning); }
    tr.fine > th { border-left-color: var(--fine); }
    tbody tr:last-child > :first-child { border-bottom-left-radius: .5rem; }
    thead tr > :first-child { border-left: .3rem solid transparent; }
    .name { display: block; font-weight: 600; } td .quiet { white-space: nowrap; }
    code { font: .8125rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
    footer { margin-top: 2rem; } footer a { margin-right: 1rem; }
    @media (max-width: 60rem) { .summary { grid-template-columns: 1fr 1fr; } }
    @media (max-width: 44rem) {
      body { padding: 1rem .75rem 2rem; }
      .summary { gap: .5rem; } .summary li { padding: .5rem .6rem; }
      .summary b { font-size: 1.2rem; }
      table, tbody, tr, tbody th, td { display: block; width: auto; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      table { background: none; border: 0; }
      tr { margin-bottom: .6rem; background: var(--card); border: 1px solid var(--edge);
        border-left: .3rem solid var(--edge); border-radius: .5rem; overflow: hidden; }
      tr.critical { border-left-color: var(--critical); } tr.warning { border-left-color: var(--warning); }
      tr.fine { border-left-color: var(--fine); }
      tbody th { border: 0; padding-bottom: .2rem; }
      td { display: grid; grid-template-columns: 6rem 1fr; column-gap: .5rem; padding: .2rem .8rem; border: 0; }
      td::before { content: attr(data-label); grid-row: 1 / span 3; color: var(--quiet); font-size: .875rem; }
      td > * { grid-column: 2; } td.figure { text-align: left; }
      td:last-child { padding-bottom: .7rem; } }
    @media print {
      :root { color-scheme: light; --ground: #fff; --card: #fff; --ink: #000; --quiet: #444; --edge: #bbb; }
      body { max-width: none; padding: 0; } footer, .skip { display: none; } tr, .summary li { break-inside: avoid; } }

    """
}
