import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript-5';

/** Browsers that a developer may have; the syntax is left as it is written. */
const TARGET = ts.ScriptTarget.ES2022;

/**
 * Joins a browser script and all it imports into one classic script. Stripe.js must be one: it has to define
 * `window.Stripe` before the next line of the page runs, which a module can't.
 */
export function bundle(folder: string, entry: string): string {
  const modules = new Map<string, string>();
  collect(folder, entry, modules);
  const functions = [...modules].map(
    ([name, code]) => `${JSON.stringify(name)}: function (require, exports) {\n${code}}`,
  );
  return `(function () {
'use strict';
const modules = {
${functions.join(',\n')}
};
const loaded = {};
function require(name) {
  if (!(name in loaded)) {
    loaded[name] = {};
    modules[name](require, loaded[name]);
  }
  return loaded[name];
}
require(${JSON.stringify(entry)});
})();
`;
}

function collect(folder: string, name: string, modules: Map<string, string>): void {
  if (modules.has(name)) return;
  modules.set(name, '');
  const source = readFileSync(join(folder, name), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: TARGET, removeComments: true };
  const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: name });
  const imports: string[] = [];
  const code = outputText.replace(/require\("(\.[^"]+)"\)/g, (_call, specifier: string) => {
    const target = normalize(join(dirname(name), specifier));
    imports.push(target);
    return `require(${JSON.stringify(target)})`;
  });
  modules.set(name, code);
  for (const target of imports) collect(folder, target, modules);
}
