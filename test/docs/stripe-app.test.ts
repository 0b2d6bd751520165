import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { INSTALL_EVENTS } from '../../src/apps/installs/event-types.ts';
import { followPage, pageText } from './page.ts';

const PAGE = 'stripe-app.md';
const SIGNED = path.join(import.meta.dirname, '../../src/apps/signed');

describe('docs/stripe-app.md', () => {
  it('leads from an empty folder to an uninstall, and each command says what the page says', () =>
    followPage(PAGE));

  it('names every event that makes and ends installs', () => {
    for (const type of INSTALL_EVENTS.filter((each) => !each.startsWith('v1.'))) {
      expect(pageText(PAGE)).toContain(`\`${type}\``);
    }
  });

  it('explains only codes that there are', () => {
    const section = pageText(PAGE).split('## What is signed')[1]?.split('**A new secret.**')[0] ?? '';
    const codes = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(14);
    const sources = readdirSync(SIGNED).map((file) => readFileSync(path.join(SIGNED, file), 'utf8'));
    const composition = readFileSync(path.join(SIGNED, '../../stripe-app.ts'), 'utf8');
    const text = [...sources, composition]
      .join('\n')
      .replaceAll(/`\$\{what\}_mismatch`/g, "'path_mismatch' 'method_mismatch'");
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
