import type { Hono } from 'hono';
import { renderToString } from 'hono/jsx/dom/server';
import { pageResponse, type Page } from '../page.tsx';
import { readDocument, type ServedDocument } from './document.ts';
import { ApiPage } from './pages.tsx';

export interface DocsRoutesOptions {
  publicUrl: string;
  page: Pick<Page, 'shopName' | 'sources'>;
}

/** The API's description: for programs at `/openapi.json`, for people at `/docs`. */
export function docsRoutes(app: Hono, { publicUrl, page }: DocsRoutesOptions): void {
  // The same for everybody, so they are made once, when somebody asks.
  let served: ServedDocument | undefined;
  let html: string | undefined;
  const described = (): ServedDocument => (served ??= readDocument(publicUrl));

  app.get('/openapi.json', ({ req }) => {
    const { text, etag } = described();
    const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'application/json' };
    const isKnown = req.header('if-none-match') === etag;
    return new Response(isKnown ? null : text, { status: isKnown ? 304 : 200, headers });
  });

  app.get('/docs', () => {
    html ??= renderToString(<ApiPage document={described().document} />);
    const children = <div dangerouslySetInnerHTML={{ __html: html }} />;
    return pageResponse({ ...page, title: 'API', styles: ['docs.css'], scripts: ['docs'], children });
  });
}
