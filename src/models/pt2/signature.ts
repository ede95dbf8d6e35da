/** What goes into a program and comes out of it: parameters and buffers by their names in the state_dict, inputs, outputs, and buffers that change. */
import { isJsonObject, type JsonObject } from '../../json.ts';
import { malformed, reexport } from './archive.ts';
import { listOf, objectOf, textOf, unionOf } from './schema.ts';

export interface Signature {
  readonly params: readonly {
    readonly ref: string;
    readonly name: string;
    readonly kind: 'parameter' | 'buffer' | 'constant';
  }[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Values that buffers take on after a step. */
  readonly mutations: ReadonlySet<string>;
}

/** Throws MODEL_MALFORMED. */
export function readSignature(json: JsonObject): Signature {
  const params: Signature['params'][number][] = [];
  const inputs: string[] = [];
  for (const spec of listOf(json.input_specs, 'input_specs')) {
    const [kind, value] = unionOf(spec, 'an input');
    const content = objectOf(value, 'an input');
    const arg = objectOf(content.arg ?? {}, 'an input');
    if (kind === 'parameter')
      params.push({ ref: textOf(arg.name, 'a parameter'), name: textOf(content.parameter_name, 'a parameter'), kind });
    else if (kind === 'buffer')
      params.push({
        ref: textOf(arg.name, 'a buffer'),
        name: textOf(content.buffer_name, 'a buffer'),
        kind: content.persistent === false ? 'constant' : 'buffer',
      });
    else if (kind === 'tensor_constant')
      params.push({
        ref: textOf(arg.name, 'a constant'),
        name: textOf(content.tensor_constant_name, 'a constant'),
        kind: 'constant',
      });
    else if (kind === 'user_input') {
      const [type, tensor] = unionOf(arg, 'an input');
      if (type === 'as_tensor') inputs.push(textOf(objectOf(tensor, 'an input').name, 'an input'));
      else if (/sym/.test(type)) malformed(`takes a number as an input, which no data gives; ${reexport}`);
    } else if (kind === 'custom_obj' || kind === 'token')
      malformed(`takes an input of the kind ${kind}, which is not read`);
  }
  const outputs: string[] = [];
  const mutations = new Set<string>();
  for (const spec of listOf(json.output_specs, 'output_specs')) {
    const [kind, value] = unionOf(spec, 'an output');
    const arg = objectOf(value, 'an output').arg;
    if (kind === 'user_output') {
      const [type, tensor] = unionOf(arg, 'an output');
      if (type === 'as_tensor') outputs.push(textOf(objectOf(tensor, 'an output').name, 'an output'));
    } else if (isJsonObject(arg) && typeof arg.name === 'string') mutations.add(arg.name);
  }
  if (outputs.length === 0) malformed('has no tensor as an output');
  return { params, inputs, outputs, mutations };
}
