"""The look of the page: one column, system fonts, colours with enough contrast by day, by night and on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fcfbf9; --ink: #1c1c1e; --soft: #5f5f66; --line: #e2dfd8; --fill: #f3f1ec;
  --bar: #4f6d8f; --pass: #17693f; --fail: #b3261e; --undecided: #7a5200; --not: #6a3d94;
  --pass-fill: #e3f2e8; --fail-fill: #fbe6e3; --undecided-fill: #faeed2; --not-fill: #f0e6f7; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #17181a; --ink: #ececee; --soft: #a5a5ad; --line: #34353a; --fill: #222327; --bar: #86a9d1;
    --pass: #7fd3a4; --fail: #ff9a90; --undecided: #edc067; --not: #cfa6f2;
    --pass-fill: #16331f; --fail-fill: #45201d; --undecided-fill: #3b2f12; --not-fill: #33234a; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0.2rem 0 0.6rem; font-weight: 650; }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; margin: 3.5rem 0 0.9rem; padding-top: 0.9rem;
  border-top: 1px solid var(--line); font-weight: 650; }
h3 { font-size: 1rem; margin: 0 0 0.2rem; font-weight: 600; }
p, ul { margin: 0.4rem 0; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 0.2em; }
.eyebrow, .note, figcaption, caption, .foot { color: var(--soft); font-size: 0.875rem; }
.lead { max-width: 44rem; }
.counts { list-style: none; padding: 0; margin: 1.1rem 0 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.875rem; }
nav { margin-top: 1.4rem; }
.verdict { display: inline-block; white-space: nowrap; border-radius: 1rem; padding: 0.1rem 0.7rem; font-weight: 600;
  font-size: 0.875rem; }
.pass { color: var(--pass); background: var(--pass-fill); }
.fail { color: var(--fail); background: var(--fail-fill); }
.undecided { color: var(--undecided); background: var(--undecided-fill); }
.not-judged { color: var(--not); background: var(--not-fill); }

table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
table + table { margin-top: 2.2rem; }
caption { text-align: left; padding-bottom: 0.5rem; }
th, td { text-align: left; padding: 0.5rem 0.9rem 0.5rem 0; border-bottom: 1px solid var(--line);
  vertical-align: baseline; font-weight: normal; }
thead th { color: var(--soft); font-size: 0.8125rem; vertical-align: bottom; }
tbody th { font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; }
td.number .value { white-space: nowrap; }
.value small { display: block; color: var(--soft); font-size: 0.75rem; }

.finding { margin: 1.2rem 0; padding-left: 0.9rem; border-left: 3px solid var(--line); }
.finding.is-fail { border-color: var(--fail); }
.finding.is-undecided { border-color: var(--undecided); }
.finding.is-not-judged { border-color: var(--not); }
.finding h3 { display: flex; flex-wrap: wrap; gap: 0.2rem 0.7rem; align-items: baseline; }
.finding ul, .notes { padding-left: 1.1rem; }
li::marker { color: var(--soft); }
.finding li, .notes li { margin: 0.3rem 0; max-width: 50rem; }
.diagnosis { font-weight: 600; }

.plot { margin: 0 0 2.4rem; }
.plot figcaption { margin-bottom: 0.7rem; }
.strip-row { display: grid; grid-template-columns: 15rem minmax(0, 1fr) 11.5rem; gap: 0 1rem; align-items: center;
  padding: 0.2rem 0; font-size: 0.875rem; }
.strip-row .reading { color: var(--soft); }
.strip-row .reading.bad { color: var(--fail); font-weight: 600; }
.feet { padding-top: 0; }
svg { display: block; overflow: visible; }
svg text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
.track { fill: var(--fill); } .bar { fill: var(--bar); } .over { fill: var(--fail); }
.rail, .tick { stroke: var(--line); }
.whisker { stroke: var(--bar); stroke-width: 2; }
.point { fill: var(--bar); } .mark { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.compared { stroke: var(--soft); stroke-dasharray: 3 3; }
.limit { stroke: var(--ink); stroke-width: 2; }

.confusions { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 2rem; }
.confusion { min-width: 0; }
.confusion figure { margin: 0.5rem 0 1rem; }
.matrix { max-width: 100%; height: auto; margin-bottom: 0.5rem; }
.cell { fill: var(--fill); } .better { fill: var(--pass-fill); } .worse { fill: var(--fail-fill); }
.right { stroke: var(--soft); stroke-width: 1; }
svg .count { fill: var(--ink); font-weight: 600; }

.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1.4rem 1.6rem; }
.flip { margin: 0; display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: 0.9rem; break-inside: avoid; }
.flip > figcaption:only-child { grid-column: 1 / -1; }
.flip img, .no-picture { width: 5rem; height: 5rem; border-radius: 4px; background: var(--fill); object-fit: contain; }
.no-picture { display: grid; place-items: center; font-size: 0.75rem; color: var(--soft); }
.flip p, .flip ul { margin: 0; }
.flip ul { list-style: none; padding: 0; }
.flip strong, .flip .name { color: var(--ink); }
.flip .file { font-size: 0.75rem; }
.kind { font-size: 0.75rem; border-radius: 1rem; padding: 0 0.5rem; background: var(--fill); white-space: nowrap; }
.lost { color: var(--fail); background: var(--fail-fill); } .won { color: var(--pass); background: var(--pass-fill); }

dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.3rem 1.4rem; margin: 0;
  font-size: 0.875rem; }
dt { color: var(--soft); } dd { margin: 0; }
code { font: 0.8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
details { margin: 0.8rem 0; font-size: 0.875rem; }
summary { cursor: pointer; font-weight: 600; font-size: 1rem; }

@media (max-width: 46rem) {
  body { padding: 1.4rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  h2 { margin-top: 2.6rem; }
  .cards, .cards caption, .cards tbody, .cards tr, .cards th, .cards td { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { border-bottom: 1px solid var(--line); padding: 0.7rem 0; }
  .cards tbody th, .cards td { border: 0; padding: 0.1rem 0; }
  .cards td { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0.8rem; text-align: left; }
  .cards td::before { content: attr(data-label); color: var(--soft); }
  .cards td.number .value { white-space: normal; }
  .cards .value small { display: inline; margin-left: 0.4rem; }
  .small th, .small td { padding-right: 0.5rem; }
  .strip-row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0.4rem 0; }
  .strip-row svg { order: 1; }
  .strip-row .name { font-weight: 600; }
  .feet { padding: 0; }
  .feet .name { display: none; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 0.6rem; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --fill: #eee; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .finding, .strip-row, .confusion { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; }
}
"""
