/** What the control page adds to the look of all pages. */
export const CONTROL_STYLE = `
.control { background: var(--ground); min-height: 100vh; }
.control code, .control pre { font: .8125rem/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
.top { background: #1a1f36; color: #fff; }
.top > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1.2rem;
  padding: .9rem 1.2rem .5rem;
  max-width: 72rem; margin: 0 auto; }
.top .name { font-weight: 650; font-size: 1.05rem; color: #fff; text-decoration: none; }
.top .time { color: #c5cbe0; font-size: .875rem; }
.top nav { max-width: 72rem; margin: 0 auto; padding: 0 .7rem; overflow-x: auto; }
.top nav ul { display: flex; list-style: none; }
.top nav a { display: block; padding: .65rem .7rem; min-height: 2.75rem; color: #dfe3f3;
  text-decoration: none;
  white-space: nowrap; border-bottom: 3px solid transparent; }
.top nav a:hover { color: #fff; border-color: #6b73a8; }
.top nav a[aria-current] { color: #fff; border-color: #a5a0f5; font-weight: 600; }
.control main { max-width: 72rem; margin: 0 auto; padding: 1.4rem 1.2rem 4rem; }
.control h1 { font-size: 1.5rem; font-weight: 650; color: var(--ink); margin-bottom: .8rem;
  overflow-wrap: anywhere; }
.control h2 { font-size: 1.05rem; margin: 0 0 .7rem; }
.control .lead { color: var(--soft); max-width: 44rem; margin-bottom: 1.2rem; }
.said { border-radius: 6px; padding: .7rem .9rem; margin-bottom: 1.1rem; overflow-wrap: anywhere; }
.said.done { background: #e3f5ea; color: #0b4f2a; border: 1px solid #a9dbbd; }
.said.problem { background: #fdeef2; color: #7d0a2e; border: 1px solid #f0b6c6; }
.box { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 1.1rem 1.2rem;
  margin-bottom: 1.2rem; min-width: 0; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 1.2rem; align-items: start; }
.columns .box { margin-bottom: 0; }
.columns + .box, .columns + .columns, .columns + h2, .facts + .acts, .acts + form { margin-top: 1.2rem; }
.rows { list-style: none; background: #fff; border: 1px solid var(--line); border-radius: 8px;
  overflow: hidden;
  margin-bottom: 1.2rem; }
.rows li + li { border-top: 1px solid #eaeef2; }
.rows li > a, .rows li > div { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline;
  padding: .6rem .9rem; min-height: 2.75rem; color: inherit; text-decoration: none; }
.rows li > a:hover { background: #f4f6fb; }
.rows .what { flex: 1 1 55%; min-width: 0; overflow-wrap: anywhere; }
.rows .side { color: var(--soft); font-size: .8125rem; white-space: nowrap; }
.box .empty, .box details { margin-bottom: 0; }
.hint + .acts { margin-top: .9rem; }
.box .rows { margin: 0; border: 0; border-radius: 0; }
.box .rows li > a, .box .rows li > div { padding-left: 0; padding-right: 0; }
.tag { display: inline-block; min-width: 3.2rem; text-align: center; border-radius: 4px;
  padding: .05rem .45rem;
  font-size: .75rem; font-weight: 650; background: #e8ebf0; color: #39415a; }
.tag.good { background: #d8f2e2; color: #0b4f2a; }
.tag.bad { background: #fbdde5; color: #7d0a2e; }
.tag.wait { background: #ffecc7; color: #6b3d00; }
.empty { background: #fff; border: 1px dashed #b9c2cc; border-radius: 8px; padding: 1.6rem 1.2rem;
  color: var(--soft); margin-bottom: 1.2rem; }
.empty strong { display: block; color: var(--ink); margin-bottom: .2rem; }
.facts { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .35rem 1.2rem; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }
.json { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem;
  overflow-x: auto;
  margin: 0 0 1.2rem; max-height: 34rem; tab-size: 2; }
.acts { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin-bottom: 1.2rem; }
.box .acts:last-child { margin-bottom: 0; }
.control form.line { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
.control .field { margin: 0; flex: 1 1 13rem; max-width: 20rem; }
.control .field span { display: block; font-size: .875rem; font-weight: 500; margin-bottom: .2rem; }
.columns .field { max-width: none; }
.control .button { width: auto; min-height: 2.75rem; padding: .55rem 1rem; margin: 0; }
.control .button.small { min-height: 2.2rem; padding: .3rem .75rem; font-size: .875rem; }
.control .button.danger { background: #b3093c; }
.control .button.danger:hover { background: #8f0730; }
.hint { color: var(--soft); font-size: .875rem; margin-top: .6rem; max-width: 44rem; }
.control details { margin-bottom: 1.2rem; }
.control summary { cursor: pointer; padding: .5rem 0; min-height: 2.75rem; }

@media (max-width: 700px) {
  .columns { grid-template-columns: 1fr; }
  .control main { padding: 1rem .9rem 3rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .6rem; }
  .top nav { overflow: visible; padding-bottom: .3rem; }
  .top nav ul { flex-wrap: wrap; }
  .top nav a { padding: .55rem .6rem; }
  .control .field { max-width: none; flex-basis: 100%; }
}
`;
