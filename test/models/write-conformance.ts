/** Writes docs/conformance.md: what the collection of recorded models beside the checkout gives. npm run docs:conformance */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Outcome, runModelCase } from '../support/model-cases.ts';

const root = path.resolve(import.meta.dirname, '../..');
const collection = path.resolve(root, '../shared/models');
const origins: Readonly<Record<string, string>> = {
  app: 'keras.applications, Keras 3.15 (topology and parameters only)',
  ex: "networks of Keras' code examples, Keras 3.15",
  k2: 'tf_keras 2.21',
  tfjs: 'TensorFlow.js 4.22',
  u: 'one layer or operation with one set of options, Keras 3.15',
  w: 'the same with trained weights around it (topology and parameters only)',
};

const prefixOf = (name: string) => name.slice(0, name.indexOf('_'));
const digits = (error: number) => (error === 0 ? '0' : error.toExponential(1));

async function main(): Promise<void> {
  const names = readdirSync(collection, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const outcomes: [string, Outcome][] = [];
  for (const name of names) outcomes.push([name, await runModelCase(path.join(collection, name))]);
  const rows = Object.entries(origins).map(([prefix, origin]) => {
    const own = outcomes.filter(([name]) => prefixOf(name) === prefix).map(([, outcome]) => outcome);
    const count = (kind: Outcome['kind']) => own.filter((outcome) => outcome.kind === kind).length;
    return `| ${origin} | ${own.length} | ${count('exact')} | ${count('refused')} | ${count('different')} | ${count('crashed')} |`;
  });
  const cases = outcomes.flatMap(([name, outcome]) =>
    outcome.kind === 'exact' && outcome.error !== null ? [`| ${name} | ${digits(outcome.error)} |`] : [],
  );
  const others = outcomes.flatMap(([name, outcome]) => {
    if (outcome.kind === 'exact') return [];
    const text = 'message' in outcome ? outcome.message : outcome.what;
    const code = outcome.kind === 'refused' ? `\`${outcome.code}\`` : outcome.kind;
    return [`| ${name} | ${code} | ${text.split('\n')[0]?.replaceAll('|', '\\|')} |`];
  });
  const text = `# Conformance

Topologies written by real tools, read by this project: the number of parameters and, where outputs were recorded, the largest
difference of an output relative to the largest output. Written by \`npm run docs:conformance\`; \`npm run test:slow\` asserts it.
\`u_custom_fn_gelu\` holds a function of its author that is written exactly as the stock activation of that name.

| origin | cases | exact | refused | different | crashed |
|---|---|---|---|---|---|
${rows.join('\n')}

## Not read

| case | code | message |
|---|---|---|
${others.join('\n')}

## Errors of outputs

| case | error |
|---|---|
${cases.join('\n')}
`;
  writeFileSync(path.join(root, 'docs/conformance.md'), text);
}

await main();
