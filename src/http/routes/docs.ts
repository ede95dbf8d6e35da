/** The OpenAPI document and a page that shows it; everything comes from this server. */
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import type { App } from '../app-types.ts';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gradinit-service</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

const start = "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#docs', deepLinking: true });\n";

/** The files of swagger-ui that the page names. */
const files: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

export function docsRoutes(app: App): void {
  const config = { access: 'public' } as const;
  const { resolve } = createRequire(import.meta.url);
  let document: string | undefined;

  app.get('/openapi.json', {
    config,
    schema: { hide: true },
    async handler(_request, reply) {
      document ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(document);
    },
  });

  app.get('/docs', {
    config,
    schema: { hide: true },
    handler: async (_request, reply) => reply.type('text/html; charset=utf-8').send(page),
  });

  app.get('/docs/start.js', {
    config,
    schema: { hide: true },
    handler: async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start),
  });

  for (const [name, type] of Object.entries(files)) {
    app.get(`/docs/${name}`, {
      config,
      schema: { hide: true },
      handler: async (_request, reply) =>
        reply
          .type(type)
          .header('cache-control', 'public, max-age=86400')
          .send(createReadStream(resolve(`swagger-ui-dist/${name}`))),
    });
  }
}
