// How the report looks: one calm column, light or dark as the reader's system is.

/** The page's style sheet. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --card: #ffffff; --ink: #1d2733; --muted: #5f6b78; --rule: #e4e7ea;
  --accent: #1f7a8c; --second: #b9a06a; --heat: #1f6f86;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --card: #1b2027; --ink: #e6eaee; --muted: #98a3af; --rule: #2b323b;
    --accent: #5fb8c9; --second: #d0b985; --heat: #3d9db3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; letter-spacing: -.01em; margin: 3.25rem 0 1rem; }
h3 { font-size: 1rem; margin: 2rem 0 .75rem; }
p { margin: .4rem 0; }
figcaption { color: var(--muted); }
.note { color: var(--muted); font-size: .85rem; }
.lead { color: var(--muted); font-size: 1.05rem; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem;
  margin: 2rem 0 0; padding: 0; }
.numbers div { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem;
  padding: .9rem 1rem; }
.numbers dt { color: var(--muted); font-size: .85rem; }
.numbers dd { margin: .1rem 0 0; font-size: 1.65rem; font-weight: 600; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scores { width: 100%; }
.scores th, .scores td { padding: .5rem .6rem; text-align: right; border-bottom: 1px solid var(--rule); }
.scores thead th { color: var(--muted); font-weight: 500; font-size: .85rem; }
.scores th:first-child { text-align: left; font-weight: 500; white-space: nowrap; }
.scores tfoot th, .scores tfoot td { color: var(--muted); border-bottom: 0; }
.scores tfoot tr:first-child > * { padding-top: .8rem; }
.bar { width: 22%; }
.bar i { display: block; height: .5rem; border-radius: .25rem; background: var(--rule); }
.bar b { display: block; height: 100%; border-radius: .25rem; background: var(--accent); }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem;
  margin-right: .5rem; vertical-align: -.06rem; box-shadow: inset 0 0 0 1px #0002; }
.matrix { border-collapse: separate; border-spacing: 3px; }
.matrix th { font-weight: 500; font-size: .85rem; padding: .25rem .5rem; }
.matrix thead th { min-width: 5.4rem; }
.matrix tbody th { text-align: right; }
.matrix td { height: 3rem; text-align: center; border-radius: .3rem;
  background: color-mix(in srgb, var(--heat) calc(var(--share) * 88%), var(--rule)); }
.matrix td.high { color: #fff; }
.matrix td.none { color: var(--muted); }
.matrix td.hit { font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
  gap: 1rem; }
.charts svg { width: 100%; height: auto; background: var(--card); border: 1px solid var(--rule);
  border-radius: .6rem; font-family: inherit; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin: 0 0 1rem; padding: 0;
  list-style: none; font-size: .9rem; }
.hatched { background: repeating-linear-gradient(135deg, #c9ced4 0 3px, #b3bac2 3px 6px); }
.panel { margin: 0 0 1.75rem; }
.row { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem; }
.panel p { margin: 0; font-size: .8rem; color: var(--muted); }
.panel img { display: block; width: 100%; border-radius: .35rem; image-rendering: auto; }
.panel figcaption { margin-top: .4rem; font-size: .9rem; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .1rem 2.5rem;
  margin: 0; }
.facts div { display: flex; justify-content: space-between; gap: 1rem; padding: .4rem 0;
  border-bottom: 1px solid var(--rule); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  main { padding-top: 1.75rem; }
  .row { grid-template-columns: repeat(2, 1fr); }
  .bar, .area { display: none; }
  .scores { font-size: .85rem; }
  .scores th, .scores td { padding: .5rem .3rem; }
  .scores thead th { font-size: .75rem; }
}
@media print { :root { color-scheme: light; } .panel { break-inside: avoid; } }
`;
