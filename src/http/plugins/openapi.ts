/** OpenAPI 3.1 out of the schemas of the routes. */
import swagger from '@fastify/swagger';
import { version } from '../../version.ts';
import type { Access, App } from '../app-types.ts';
import { withComponents } from './openapi-components.ts';
import { addExamples } from './openapi-examples.ts';
import { operationIdOf } from './operation-ids.ts';

const description = `Computes initial weights of neural networks: POST a topology and a reference to data, follow the job, download the weights.

Errors are problems (RFC 9457) with a stable \`code\`. Requests with unknown fields are refused.`;

/** Before the routes: the plugin listens for them. */
export async function installOpenApi(app: App, publicUrl: string | null): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'gradinit-service',
        version,
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl ?? '/' }],
      tags: [
        { name: 'jobs', description: 'Create, follow, cancel.' },
        { name: 'artifacts', description: 'What a job made.' },
        { name: 'comparisons', description: 'Initialisations side by side.' },
        { name: 'datasets', description: 'Uploads: data, topologies, weights.' },
        { name: 'catalogue', description: 'What can be asked for.' },
        { name: 'session', description: 'Signing in from a browser.' },
        { name: 'health', description: 'For orchestrators.' },
      ],
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key of API_KEYS; none are needed when none are configured.',
          },
        },
      },
    },
    transformObject(made) {
      if (!('openapiObject' in made)) return made.swaggerObject;
      const document = withComponents(made.openapiObject);
      addExamples(document);
      return document;
    },
  });

  app.addHook('onRoute', (route) => {
    const access: Access | undefined = route.config?.access;
    // A route for HEAD shares the schema of its GET, which comes first.
    if (route.schema !== undefined && route.schema.operationId === undefined)
      Object.assign(route.schema, { operationId: operationIdOf(String(route.method), route.url) });
    if (route.schema === undefined || access === undefined || access === 'public') return;
    Object.assign(route.schema, { security: [{ key: [] }], description: withScope(route.schema.description, access) });
  });
}

const withScope = (text: string | undefined, access: Access): string => {
  const needs = access === 'any' ? 'Needs a key, whatever its scopes.' : `Needs the scope \`${access}\`.`;
  if (text?.endsWith(needs)) return text;
  return text === undefined ? needs : `${text}\n\n${needs}`;
};
