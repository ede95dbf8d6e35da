/** The page: its files as they lie in src/page, and the two libraries that it uses. It has no way into the service but the API. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from '../app-types.ts';

/** Nothing from elsewhere, no script and no style inside the markup, no frame around the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const folder = fileURLToPath(new URL('../../page/', import.meta.url));

interface PageFile {
  readonly url: string;
  readonly file: string;
}

function ownFiles(): PageFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => path.extname(name) in mediaTypes)
    .map((name) => ({ url: name === 'index.html' ? '/' : `/page/${name}`, file: path.join(folder, name) }));
}

function libraryFiles(): PageFile[] {
  const { resolve } = createRequire(import.meta.url);
  // What the package names for Node lies one folder below what it has for browsers.
  const lit = path.resolve(path.dirname(resolve('lit-html')), '..', 'lit-html.js');
  return [
    { url: '/page/vendor/lit-html.js', file: lit },
    { url: '/page/vendor/uPlot.js', file: resolve('uplot/dist/uPlot.esm.js') },
    { url: '/page/vendor/uPlot.css', file: resolve('uplot/dist/uPlot.min.css') },
  ];
}

export function pageRoutes(app: App): void {
  for (const { url, file } of [...ownFiles(), ...libraryFiles()]) {
    const content = readFileSync(file);
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
    const headers = {
      'content-type': mediaTypes[path.extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      // Asked for again each time: a new version of the service must not meet files of the old one.
      'cache-control': 'no-cache',
      etag,
    };
    app.get(url, {
      config: { access: 'public' },
      logLevel: 'warn',
      schema: { hide: true },
      handler: async (request, reply) =>
        request.headers['if-none-match'] === etag
          ? reply.headers({ etag }).code(304).send()
          : reply.headers(headers).send(content),
    });
  }
}
