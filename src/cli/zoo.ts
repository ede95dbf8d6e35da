/** gradinit zoo: lists the built-in networks, or prints one as a topology. */

import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { parseModel } from '../models/index.ts';
import { zoo as models, type ZooModel, zooModel } from '../models/zoo/index.ts';
import { jsonFlag, parseFlags } from './args.ts';

export const usage = `usage: gradinit zoo [NAME [--options JSON]] [--json]

Without NAME: the networks with their options. With NAME: its tfjs-layers topology on standard output, the number of parameters on standard error.

  --options JSON  options of the network, for example '{"depth":110,"batchNorm":false}'
  --json          one JSON document: [{ name, summary, reference, options }] or { name, options, parameters, topology }`;

/** Number of trained parameters; moving statistics are not counted. */
function countParameters(topology: JsonObject): number {
  const { layers } = parseModel({ format: 'tfjs-layers', topology }).topology;
  const trained = layers.flatMap(({ params }) => params).filter(({ group }) => group !== 'none');
  return trained.reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}

function describe({ name, summary, options }: ZooModel): string {
  const lines = Object.entries<unknown>(options.properties).map(([option, schema]) => {
    const { description = '', default: fallback, enum: values } = isJsonObject(schema) ? schema : {};
    const choices = values === undefined ? '' : ` One of ${JSON.stringify(values)}.`;
    const otherwise = fallback === undefined ? '' : ` Default ${JSON.stringify(fallback)}.`;
    return `    ${option.padEnd(18)}${description}${choices}${otherwise}`;
  });
  return [name, `  ${summary}`, ...lines].join('\n');
}

function list(asJson: boolean): void {
  const all = Object.values<ZooModel>(models);
  const documents = all.map(({ name, summary, reference, options }) => ({ name, summary, reference, options }));
  console.log(asJson ? JSON.stringify(documents, null, 2) : all.map(describe).join('\n\n'));
}

function print(model: ZooModel, given: unknown, asJson: boolean): void {
  const options = model.resolve(given);
  const topology = model.build(options);
  const parameters = countParameters(topology);
  if (asJson) {
    console.log(JSON.stringify({ name: model.name, options, parameters, topology }));
  } else {
    console.error(`${model.name} ${JSON.stringify(options)}: ${parameters.toLocaleString('en')} parameters`);
    console.log(JSON.stringify(topology));
  }
}

/** Runs the command and returns the exit code. Throws USAGE, ZOO_UNKNOWN or OPTION_INVALID. */
export async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { options: { type: 'string' }, json: { type: 'boolean', default: false } }, usage);
  if (!flags) return 0;
  const [name, ...rest] = flags.positionals;
  if (rest.length > 0) throw new AppError('USAGE', `one NAME at a time, got also ${rest.join(' ')}\n\n${usage}`);
  if (name === undefined && flags.values.options !== undefined)
    throw new AppError('USAGE', `--options needs a NAME\n\n${usage}`);
  if (name === undefined) list(flags.values.json);
  else print(zooModel(name), jsonFlag(flags.values.options, '--options'), flags.values.json);
  return 0;
}
