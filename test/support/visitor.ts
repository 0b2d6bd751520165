/** A browser without a screen: it keeps cookies, asks for pages, and follows nothing by itself. */
export class Visitor {
  readonly #jar = new Map<string, string>();

  /** The answer's text is read already. */
  async get(url: string): Promise<Visit> {
    return this.#ask(url, {});
  }

  async post(
    url: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Visit> {
    return this.#ask(url, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  /** What this browser would send along. */
  get cookie(): string {
    return [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Uses another browser's cookies from now on. */
  steal(from: Visitor): void {
    for (const [name, value] of from.#jar) this.#jar.set(name, value);
  }

  async #ask(url: string, init: RequestInit): Promise<Visit> {
    const headers = { accept: 'text/html', cookie: this.cookie, ...(init.headers as object) };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    const set = answer.headers.getSetCookie();
    for (const cookie of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    const location = answer.headers.get('location');
    const text = await answer.text();
    return { status: answer.status, text, location, headers: answer.headers, cookies: set };
  }
}

export interface Visit {
  status: number;
  text: string;
  location: string | null;
  headers: Headers;
  cookies: string[];
}

/** The value of a hidden field of a page. */
export function hidden(page: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
}

/** Where a link of a page leads, by its words. */
export function hrefOf(page: string, words: string): string {
  const link = new RegExp(`<a [^>]*href="([^"]*)"[^>]*>${words}</a>`).exec(page)?.[1] ?? '';
  return link.replaceAll('&amp;', '&');
}
