import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/**
 * Switches which would turn off what these tests are about, or which take the browser down with its first
 * page.
 */
const UNWANTED = new Set([
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
  '--single-process',
  '--no-zygote',
]);
const QUIET = [
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium for one test file; every page it opened tells its mistakes. */
export interface RealBrowser {
  open: (url: string, width?: number) => Promise<Page>;
  /**
   * Throws what the pages complained about since the last time: refused by a policy, thrown, failed to
   * load.
   */
  throwComplaints: (...but: string[]) => void;
}

const TIMEOUT_MS = 8_000;

export function useBrowser(): RealBrowser {
  const complaints: string[] = [];
  const throwComplaints = (...but: string[]): void => {
    const unexpected = complaints.splice(0).filter((text) => !but.some((part) => text.includes(part)));
    if (unexpected.length > 0) throw new Error(`the pages complained: ${unexpected.join('; ')}`);
  };
  const real = { throwComplaints } as RealBrowser;
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: [...sparticuz.args.filter((arg) => !UNWANTED.has(arg)), ...QUIET],
      headless: true,
    });
    real.open = async (url, width = 1280) => {
      const page = await (browser as Browser).newPage({ viewport: { width, height: 900 } });
      page.setDefaultTimeout(TIMEOUT_MS);
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (entry) => {
        if (entry.type() === 'error') complaints.push(entry.text());
      });
      await page.goto(url);
      return page;
    };
  });
  afterAll(() => browser?.close());
  return real;
}

/** A shop's server: pages by path, each with its own headers. */
export interface Shop {
  url: string;
  pages: Map<string, { html: string; headers?: Record<string, string> }>;
}

/** A shop for one test file; what it has no page for says `shop <path and query>`. */
export function useShop(): Shop {
  const shop = { pages: new Map() } as Shop;
  let server: Server | undefined;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const page = shop.pages.get((request.url ?? '').split('?')[0] ?? '');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page?.headers });
    response.end(page?.html ?? `<!doctype html><title>shop</title><p>shop ${request.url}</p>`);
  };
  beforeAll(async () => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    shop.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server?.close();
    server?.closeAllConnections();
  });
  return shop;
}
