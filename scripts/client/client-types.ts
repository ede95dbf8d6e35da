/** Generates the types of the TypeScript client from the OpenAPI document. */
import openapiTS, { astToString } from 'openapi-typescript';
import { openApiDocument } from './openapi-document.ts';

export const clientTypesFile = 'src/client/generated.ts';

const header = `/** What travels over HTTP, out of /openapi.json: written by npm run client:types, not by hand. */

`;

/** The content of `clientTypesFile`. A property with a default is optional, as in a request. */
export async function clientTypes(): Promise<string> {
  const { openapi, info, components } = await openApiDocument();
  // The document is passed as text, because the two packages have different types for OpenAPI 3.1. Paths, which the client contains, and examples are
  // removed.
  const schemas = JSON.stringify({ openapi, info, components, paths: {} }, (key, value: unknown) =>
    key === 'examples' && Array.isArray(value) ? undefined : value,
  );
  const nodes = await openapiTS(schemas, { immutable: true, defaultNonNullable: false, silent: true });
  return header + astToString(nodes);
}
