"""The style sheet of the report: light, dark, and on paper."""

STYLE = """
:root { color-scheme: light dark;
  --paper: #fcfcfa; --card: #ffffff; --ink: #1d2129; --soft: #5b6270; --line: #e2e3df; --grid: #ecece8;
  --first: #1f5fae; --second: #c2571a; --bar: #8fb3dd; --warn: #8a5a00; --warn-back: #fdf4dc; --warn-line: #e8c870;
  --heat: 31, 95, 174; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14161a; --card: #1b1e24; --ink: #e7e9ee; --soft: #a2a9b6; --line: #32363f; --grid: #292d35;
  --first: #7fb2f0; --second: #f0a070; --bar: #41648f; --warn: #f0cf80; --warn-back: #2b2516; --warn-line: #6b5a25;
  --heat: 96, 158, 232; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans KR", "Malgun Gothic", sans-serif; }
main { max-width: 940px; margin: 0 auto; padding: 36px 22px 60px; }
header .over { color: var(--soft); font-size: 14px; letter-spacing: .02em; margin: 0; }
h1 { font-size: 30px; line-height: 1.2; margin: 2px 0 6px; overflow-wrap: anywhere; font-weight: 650; }
h2 { font-size: 20px; margin: 44px 0 4px; font-weight: 650; }
h3 { font-size: 15px; margin: 0 0 6px; font-weight: 600; }
p { margin: 6px 0 12px; max-width: 70ch; }
.lead { color: var(--soft); margin-top: 0; }
.verdict { display: grid; grid-template-columns: auto 1fr; gap: 6px 26px; align-items: center;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 26px; margin: 24px 0 0; }
.verdict .figure { font-size: 52px; font-weight: 680; line-height: 1; color: var(--first);
  font-variant-numeric: tabular-nums; }
.verdict .unit { font-size: 15px; color: var(--soft); font-weight: 400; display: block;
  margin-top: 6px; line-height: 1.3; }
.verdict p { margin: 0; font-size: 17px; }
.findings { list-style: none; margin: 16px 0 0; padding: 0; }
.findings li { border: 1px solid var(--line); border-left: 4px solid var(--line); background: var(--card);
  border-radius: 6px; padding: 10px 16px; margin: 8px 0; }
.findings li.warning { background: var(--warn-back); border-color: var(--warn-line); }
.findings .tag { font-weight: 650; color: var(--warn); margin-right: 6px; }
.findings .fix { color: var(--soft); display: block; font-size: 15px; }
.scroll { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td { white-space: nowrap; } td.levels { white-space: normal; }
td.name { white-space: normal; font-weight: 550; overflow-wrap: anywhere; min-width: 8em; }
td .range { color: var(--soft); font-size: 13px; white-space: nowrap; display: block; }
tr.chosen td, td.chosen { font-weight: 650; }
td.right, th.right { text-align: right; }
.out td { color: var(--soft); }
.confusion { width: auto; }
.confusion td { text-align: center; min-width: 46px; padding: 8px 10px;
  border: 2px solid var(--card); border-radius: 3px; }
.confusion th { border: 0; padding: 6px 10px; font-weight: 500; max-width: 11em;
  overflow: hidden; text-overflow: ellipsis; }
.confusion tbody th { text-align: right; }
.confusion .corner { font-size: 12.5px; color: var(--soft); white-space: nowrap;
  max-width: none; text-align: right; font-weight: 400; }
.cards { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin: 16px 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 16px 18px; margin: 16px 0; }
.cards .card { margin: 0; }
.card p { font-size: 14px; color: var(--soft); margin: 8px 0 0; }
svg { display: block; overflow: visible; width: 100%; height: auto; margin: 0 auto; font-family: inherit; }
svg text { fill: var(--ink); font-size: 13px; }
svg .tick, svg .title { fill: var(--soft); font-size: 12.5px; }
svg .legend { font-size: 13px; font-weight: 600; }
svg .grid { stroke: var(--grid); fill: none; } svg .axis { stroke: var(--soft); fill: none; }
svg .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
svg .first { stroke: var(--first); } svg .second { stroke: var(--second); }
svg .first-text { fill: var(--first); } svg .second-text { fill: var(--second); }
svg .mark { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
svg .bar { fill: var(--bar); } svg .error { stroke: var(--ink); stroke-width: 1.5; }
svg .whisker { stroke: var(--soft); stroke-width: 3; stroke-linecap: round; opacity: .55;
  } svg .dot { fill: var(--soft); }
svg .whisker.chosen { stroke: var(--first); opacity: .8; } svg .dot.chosen { fill: var(--first); }
svg .row-name { font-size: 14.5px; } svg .row-name.chosen { font-weight: 650; }
svg .point { fill: var(--first); opacity: .45; }
svg.spark { width: 110px; height: 26px; margin: 0; }
.levels { color: var(--soft); font-size: 13.5px; overflow-wrap: anywhere; min-width: 8em; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; overflow-x: auto;
  font: 13.5px/1.6 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 22px; font-size: 14.5px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13.5px; margin-top: 40px;
  border-top: 1px solid var(--line); padding-top: 12px; }
@media (min-width: 641px) { .if-narrow { display: none; } }
@media (max-width: 640px) {
  main { padding: 22px 16px 40px; } h1 { font-size: 24px; }
  .cards { grid-template-columns: minmax(0, 1fr); } .card { padding: 12px 10px; }
  .verdict { grid-template-columns: 1fr; padding: 16px 18px; } .verdict .figure { font-size: 44px; }
  .if-wide { display: none; } .columns table { min-width: 540px; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: 8px; }
  .columns .why { display: none; }
}
@media print {
  .if-wide { display: block; } .if-narrow { display: none; }
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --grid: #ddd; --first: #1f5fae;
    --second: #c2571a; --bar: #8fb3dd; --warn: #000; --warn-back: #fff; --warn-line: #888; --heat: 31, 95, 174; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; } h2 { margin-top: 22pt; break-after: avoid; }
  .card, .verdict, tr, .findings li { break-inside: avoid; } .scroll { overflow: visible; }
  .confusion td, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
