import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Handlers } from '../../src/inbox/handlers.ts';
import { createQuittance } from '../../src/quittance.ts';
import { followPage, pageText } from './page.ts';

const PAGE = 'marketplace.md';

describe('docs/marketplace.md', () => {
  it('leads from an empty folder to a statement, and each command says what the page says', () =>
    followPage(PAGE));

  it('names every event that is worked on, and no other', () => {
    const page = pageText(PAGE);
    const section = page.slice(page.indexOf('## Webhooks'), page.indexOf('## Before you go live'));
    const named = [...section.matchAll(/`((?:v2\.)?[a-z_]+[.[][a-z_.[\]]+)`/g)].map(([, type]) => type);
    const worked = workedOn().filter((type) => !type.startsWith('v1.'));
    expect(new Set(named)).toEqual(new Set(worked));
  });
});

/** The event types that have a handler, read off while a Quittance is put together. */
function workedOn(): string[] {
  const on = vi.spyOn(Handlers.prototype, 'on');
  onTestFinished(() => on.mockRestore());
  createQuittance({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', secret: 'secret-for-nobody-here' });
  return [...new Set(on.mock.calls.map(([type]) => type))];
}
