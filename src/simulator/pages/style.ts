/**
 * The look of every page and frame that the simulator serves; one file, so that nothing is fetched from
 * elsewhere.
 */
export const STYLE = `
:root { --ink: #1a1f36; --soft: #4f566b; --line: #d5dbe1; --accent: #4f46e5; --bad: #b3093c;
  --ground: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff;
  font: 16px/1.5 system-ui, 'Segoe UI', Roboto, sans-serif; }
h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.05rem; font-weight: 500; color: var(--soft); }
h2 { font-size: 1.15rem; font-weight: 600; margin-bottom: 1rem; }
a { color: var(--accent); }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; font-size: .95rem; margin-bottom: .35rem; }
.badge { display: inline-block; background: #ffe3b8; color: #6b3d00; border-radius: 4px;
  padding: .1rem .5rem;
  font-size: .75rem; font-weight: 700; text-transform: uppercase; letter-spacing: .02em; }

.checkout { display: grid; min-height: calc(100vh - 3.2rem); grid-template-columns: 1fr 1fr; }
.summary { background: var(--ground); padding: 3rem max(2rem, calc(50vw - 30rem)) 3rem;
  padding-right: 4rem; }
.pay { padding: 3rem max(2rem, calc(50vw - 30rem)) 3rem; padding-left: 4rem; }
.summary > *, .pay > * { max-width: 26rem; }
.summary > * { margin-left: auto; }
.shop { display: flex; gap: .8rem; align-items: center; margin-bottom: 1.6rem; min-height: 1.5rem; }
.back { text-decoration: none; color: var(--ink); font-weight: 500; }
.back:hover span { text-decoration: underline; }
.total { font-size: 2.3rem; font-weight: 650; line-height: 1.2; margin-bottom: 1.6rem; }
.items { list-style: none; }
.items li { display: flex; gap: .9rem; align-items: flex-start; margin-bottom: 1rem; }
.items li > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.items img { border-radius: 6px; object-fit: cover; background: #fff; }
.items .name { font-weight: 500; }
.more { color: var(--soft); font-size: .875rem; }
.sums { border-top: 1px solid var(--line); padding-top: .9rem; }
.sums div { display: flex; justify-content: space-between; padding: .25rem 0; }
.sums .due { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .8rem; font-weight: 600; }

.promotion { display: flex; gap: .6rem; align-items: end; justify-content: space-between;
  margin: 0 0 1rem auto; }
.promotion .field { flex: 1; margin: 0; }
.promotion .button { width: auto; margin: 0; min-height: 2.75rem; padding: .5rem 1rem; }

.field { margin-bottom: .35rem; min-width: 0; }
.field label { display: block; font-size: .875rem; font-weight: 500; margin-bottom: .2rem; }
input:not([type=radio]), select { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit;
  color: inherit; background: #fff; border: 1px solid #a3acb9; border-radius: 6px; }
input::placeholder { color: #6b7280; }
input:focus-visible, select:focus-visible, .button:focus-visible, a:focus-visible, summary:focus-visible {
  outline: 3px solid #a5a0f5; outline-offset: 1px; }
input[aria-invalid=true] { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
.error { color: var(--bad); font-size: .875rem; min-height: 1.35rem; }
.alert p:focus { outline: none; }
.alert p { background: #fdeef2; color: #7d0a2e; border: 1px solid #f0b6c6; border-radius: 6px;
  padding: .7rem .9rem;
  margin-bottom: 1rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.methods { margin-bottom: 1rem; }
.method { display: flex; gap: .6rem; align-items: center; border: 1px solid var(--line);
  padding: .65rem .8rem;
  min-height: 2.75rem; cursor: pointer; }
.method + .method { border-top: 0; }
.method:first-of-type { border-radius: 6px 6px 0 0; }
.method:last-of-type { border-radius: 0 0 6px 6px; border-top: 0; }
form:has([name=method]:checked):not(:has(#method-card:checked)) .card-fields,
form:has([name=method]:checked):not(:has(#method-sepa_debit:checked)) .sepa-fields { display: none; }
.mandate { color: var(--soft); font-size: .8125rem; margin-bottom: .8rem; }
.button { display: inline-block; width: 100%; min-height: 2.9rem; padding: .7rem 1rem; border: 0;
  border-radius: 6px;
  background: var(--accent); color: #fff; font: inherit; font-weight: 600; text-align: center;
  text-decoration: none;
  cursor: pointer; }
.button:hover { background: #4038c9; }
.button[disabled] { opacity: .65; cursor: progress; }
.button.quiet { background: #fff; color: var(--ink); border: 1px solid #a3acb9; margin-top: .6rem; }
.button.quiet:hover { background: var(--ground); }
.hints { margin-top: 1.4rem; color: var(--soft); font-size: .875rem; }
.hints summary { cursor: pointer; }
.hints ul { padding-left: 1.1rem; }
.hints code { font-size: .8125rem; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .8125rem; padding: .9rem 1.5rem;
  text-align: center; }

.notice { max-width: 27rem; margin: 12vh auto 0; padding: 0 1.5rem; text-align: center; }
.notice h1 { font-size: 1.4rem; font-weight: 650; color: var(--ink); margin: .6rem 0; }
.notice p { color: var(--soft); margin-bottom: 1.2rem; }
.notice .badge { color: #6b3d00; }
.notice .button { max-width: 20rem; }
.notice form, .notice .sums { text-align: left; }
.notice form .button { display: block; margin-inline: auto; }
.notice .error { color: var(--bad); margin-bottom: .2rem; }
.framed .notice { margin-top: 2rem; }
.framed .checkout { min-height: 0; }

.element { padding: 4px 4px 0; }
.element .tabs { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .8rem; }
.element .tab { flex: 1 1 auto; padding: 0 .8rem; min-height: 2.75rem; border: 1px solid var(--line);
  border-radius: 6px;
  background: #fff;
  font: inherit; font-weight: 500; color: inherit; cursor: pointer; }
.element .tab[aria-selected=true] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent);
  color: var(--accent); }
.element [hidden] { display: none; }
.bare { padding: 0; }
.bare input { border: 0; padding: 0; min-height: 1.6em; box-shadow: none; background: transparent; }
.bare input:focus-visible { outline: none; }
.bare .row { display: flex; gap: .5rem; }
.bare .field { margin: 0; flex: 1 1 3.4rem; }
.bare .field:first-child { flex: 3 1 10.5rem; }
.element[data-element=express-sheet] { padding: 1.2rem 1.3rem; }
.element .wallet { background: #000; }
.element .wallet:hover { background: #333; }

@media (max-width: 800px) {
  .checkout { grid-template-columns: 1fr; min-height: 0; }
  .summary, .pay { padding: 1.4rem 1.2rem; }
  .summary > *, .pay > * { max-width: 34rem; margin-left: auto; margin-right: auto; }
  .total { font-size: 2rem; margin-bottom: 1rem; }
}
`;
