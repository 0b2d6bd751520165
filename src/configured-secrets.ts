import type { QuittanceOptions } from './options.ts';

const SECRET_NAME = /secret|password|token|api_?key|cookie/i;
const DEPTH_MAX = 6;

/** Every secret that stands in the options, so that the log can strike it out wherever it turns up. */
export function secretsOf(options: Partial<QuittanceOptions>): string[] {
  const { databaseUrl = '' } = options;
  const password = URL.canParse(databaseUrl) ? new URL(databaseUrl).password : '';
  return [...collect(options, false, DEPTH_MAX), password].flatMap((text) => text.split(',')).filter(Boolean);
}

function collect(value: unknown, isSecret: boolean, depth: number): string[] {
  if (typeof value === 'string') return isSecret ? [value] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    collect(member, isSecret || SECRET_NAME.test(name), depth - 1),
  );
}
