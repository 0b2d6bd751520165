/** What the page of the API has beside the stylesheet of all pages. */
export const DOCS_STYLE = `
code, pre { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.field { font-weight: 700; }
.find { display: block; position: sticky; top: 0; z-index: 1; background: var(--ground); padding: .5rem 0; }
.group > h2 { font-size: 1.375rem; margin: 2rem 0 .5rem; scroll-margin-top: 8rem; }
.operation { scroll-margin-top: 8rem; gap: .5rem; grid-template-columns: minmax(0, 1fr); }
.operation:target { border-color: var(--accent); border-width: 2px; }
.operation h3 { font-size: 1.125rem; margin: 0; }
.operation h3 a { color: var(--ink); text-decoration: none; }
.operation h3 a:hover, .operation h3 a:focus-visible { text-decoration: underline; }
.operation p { margin: 0; }
.operation .tag { color: var(--accent); }
.operation pre { overflow-x: auto; background: var(--ground); border: 1px solid var(--line);
  border-radius: .5rem; padding: .75rem; margin: .5rem 0 0; white-space: pre; }
summary { cursor: pointer; font-weight: 600; min-height: 1.75rem; }
td:empty { display: none; }
@media (min-width: 40.01rem) { td:empty { display: table-cell; } }
.fields { margin: .25rem 0; padding-left: 1rem; list-style: none; border-left: 2px solid var(--line); }
.fields li { padding: .25rem 0; overflow-wrap: anywhere; }
`;
