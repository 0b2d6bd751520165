import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { simulatorCommand } from '../../src/cli/simulator.ts';
import { CONTROL_ROUTES } from '../../src/simulator/control/routes.ts';
import { FAULT_KINDS } from '../../src/simulator/faults/faults.ts';
import { cardByMagicId, cardByNumber } from '../../src/simulator/payments/test-cards.ts';
import { runAsStranger } from './support/stranger.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OPTIONS = readFileSync(path.join(ROOT, 'src/simulator/options.ts'), 'utf8');
const DOCS = readFileSync(path.join(ROOT, 'docs/simulator.md'), 'utf8');

describe('docs/simulator.md', () => {
  it('begins with what the simulator does not do', () => {
    expect(DOCS.indexOf('## What it does not do')).toBe(DOCS.indexOf('## '));
  });

  it('shows a test that runs as it stands, in a project of its own', async () => {
    const blocks = [...DOCS.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
    const code = blocks.find((text) => text.includes('startSimulator')) ?? '';
    const said = (await runAsStranger(code)).trim();
    expect(said).toBe(/\/\/ (.*)\n$/.exec(code)?.[1]);
  });

  it('names every flag of the command and every option of the door', () => {
    const flags = simulatorCommand().options.map(({ long }) => long ?? '');
    const options = [...OPTIONS.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => `\`${name}\``);
    expect(options.length).toBeGreaterThan(5);
    expect([...flags, ...options].filter((name) => !DOCS.includes(name))).toEqual([]);
  });

  it('names every fault, every route of the control API, and only test cards that there are', () => {
    const missing = FAULT_KINDS.filter((kind) => !DOCS.includes(`\`${kind}\``));
    const places = new Set(CONTROL_ROUTES.map((route) => route.path.split('/')[0] ?? ''));
    const unnamed = [...places].filter((place) => !DOCS.includes(place));
    expect({ missing, unnamed }).toEqual({ missing: [], unnamed: [] });
    const names = [...DOCS.matchAll(/`(pm_card_\w+)`/g)].map(([, name]) => name ?? '');
    expect(names.filter((name) => !cardByMagicId(name))).toEqual([]);
    const numbers = [...DOCS.matchAll(/\| (\d{4}(?: \d{4}){3})/g)].map(
      ([, text]) => text?.replaceAll(' ', '') ?? '',
    );
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter((number) => cardByNumber(number).name === '')).toEqual([]);
  });
});
