/** The one stylesheet of our pages: system fonts, light and dark, from a phone's width upwards. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #faf9f7; --card: #fff; --ink: #1c1b19; --soft: #5d5a54; --line: #e2dfd9;
  --accent: #0b6b4f; --accent-ink: #fff; --accent-soft: #e3f2ec; --bad: #a3261b; --bad-soft: #fcebe9;
  --wait: #7a5600; --wait-soft: #fdf3dc; --focus: #1a5fd0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161614; --card: #201f1d; --ink: #f1efeb; --soft: #b0aca4; --line: #3a3834;
    --accent: #4fc79d; --accent-ink: #06281d; --accent-soft: #17352a; --bad: #ff9d92; --bad-soft: #43201c;
    --wait: #f2c663; --wait-soft: #3a2f16; --focus: #8ab4ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.top { border-bottom: 1px solid var(--line); background: var(--card); }
.top, main { padding: 1rem max(1rem, calc((100vw - 60rem) / 2)); }
.shop-name { color: var(--ink); font-weight: 700; font-size: 1.125rem; text-decoration: none; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.125rem; margin: 0; }
p { margin: .5rem 0; max-width: 40rem; }
.soft { color: var(--soft); }
.products { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; }
.product { display: flex; flex-direction: column; }
.product img, .picture { width: 100%; aspect-ratio: 16 / 10; object-fit: cover; display: block;
  background: var(--accent-soft); }
.picture { display: grid; place-items: center; font-size: 3rem; font-weight: 700; color: var(--accent); }
@media (max-width: 30rem) { .product img, .picture { aspect-ratio: 16 / 7; } }
.product .body { padding: 1rem; display: flex; flex-direction: column; gap: .5rem; flex: 1; }
.price { font-weight: 700; font-size: 1.125rem; font-variant-numeric: tabular-nums; }
.product form { margin-top: auto; display: grid; gap: .75rem; }
label { display: grid; gap: .25rem; font-weight: 600; font-size: .875rem; }
.row { display: flex; gap: .75rem; align-items: end; }
.row label { width: 6rem; }
.row button { flex: 1; }
input { font: inherit; font-weight: 400; font-size: 1rem; color: inherit;
  background: var(--ground); border: 1px solid var(--soft);
  border-radius: .5rem; padding: .5rem .75rem; min-height: 2.75rem; width: 100%; }
input[aria-invalid=true] { border-color: var(--bad); }
button, .button { font: inherit; font-weight: 700; background: var(--accent); color: var(--accent-ink);
  border: 0;
  border-radius: .5rem; padding: .625rem 1.25rem; min-height: 2.75rem; cursor: pointer; text-decoration: none;
  display: inline-flex; align-items: center; justify-content: center; gap: .5rem; }
button:hover, .button:hover { filter: brightness(1.08); }
button:disabled { opacity: .6; cursor: default; }
.narrow { max-width: 30rem; margin: 0 auto; }
.panel { padding: 1.25rem; margin: 1rem 0; display: grid; gap: 1rem; }
.summary { display: grid; grid-template-columns: minmax(35%, auto) 1fr; gap: .5rem 1rem; margin: 0; }
.summary dt { color: var(--soft); } .summary dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.note { border-radius: .5rem; padding: .75rem 1rem; margin: 0; }
.note + .note { margin-top: .5rem; }
.note:empty { display: none; }
.good { background: var(--accent-soft); } .bad { background: var(--bad-soft); color: var(--bad); }
.wait { background: var(--wait-soft); color: var(--wait); }
.spinner { width: 1rem; height: 1rem; border: 2px solid currentcolor; border-right-color: transparent;
  border-radius: 50%; animation: turn .8s linear infinite; }
.quiet { background: none; color: var(--accent); border: 1px solid var(--line); }
.danger { background: var(--bad); color: var(--card); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; align-items: center; }
.dues { list-style: none; margin: 0; padding: 0; }
.dues li { display: flex; flex-wrap: wrap; gap: .25rem .75rem; padding: .5rem 0; align-items: baseline; }
.dues li + li { border-top: 1px solid var(--line); }
.tag { border-radius: 1rem; padding: .125rem .625rem; font-size: .875rem; font-weight: 600;
  white-space: nowrap; border: 1px solid currentcolor; }
.tag.good { color: var(--accent); }
.error { color: var(--bad); display: block; flex-basis: 100%; font-size: .875rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-size: .875rem; font-weight: 600; border-bottom: 1px solid var(--line); }
td { border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.still { white-space: nowrap; }
@media (max-width: 40rem) {
  thead { position: absolute; left: -999rem; }
  table, tbody, tr, td { display: block; }
  tr { padding: .75rem 0; } tr + tr { border-top: 1px solid var(--line); }
  td, td.number { border: 0; padding: .125rem 0; text-align: left; overflow-wrap: anywhere; }
  td[data-name]::before { content: attr(data-name) ': '; color: var(--soft); }
}
.tabs { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; margin: 1rem 0; }
.tabs a { display: inline-block; padding: .5rem .875rem; border: 1px solid var(--line); border-radius: 2rem;
  text-decoration: none; color: var(--ink); background: var(--card); }
.tabs a[aria-current] { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); }
.sure { display: flex; gap: .5rem; align-items: center; font-weight: 400; font-size: 1rem; }
.sure input { width: 1.25rem; min-height: 1.25rem; flex: none; }
[hidden] { display: none !important; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .spinner { animation-duration: 3s; } }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32"
  height="32" rx="7" fill="#0b6b4f"/>
<path d="M9 16.5l5 5L23.500 11" fill="none" stroke="#fff" stroke-width="3.500" stroke-linecap="round"
  stroke-linejoin="round"/></svg>`;
