/** Reads the entries of a container's layers: class, name and configuration, in both key styles. */

import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import type { NamingStyle } from '../topology/raw-model.ts';
import { createNaming, readName } from './names.ts';
import type { Fail } from './operations/bind.ts';
import type { Signature } from './operations/keras3-signatures.ts';
import type { OperationCall } from './operations/read-operation.ts';
import { assertStock } from './stock-classes.ts';

/** How a format differs from the others. */
export interface Dialect {
  readonly style: NamingStyle;
  /** True where a Sequential model puts its name before those of its parameters; default: the rule of its naming style. */
  readonly nestedPrefix?: boolean;
  /** Converts names and options whose meaning in this format differs from the catalogue, before the configuration is read. */
  normalise(className: string, config: JsonObject): { className: string; config: JsonObject };
  /** The signature of the operation that an entry applies; undefined for a layer. */
  signatureOf?(className: string, json: JsonObject, config: JsonObject): Signature | undefined;
  /** The arguments of a call of an operation. */
  argumentsOf?(node: Json, fail: Fail): Pick<OperationCall, 'args' | 'kwargs'>;
}

/** The position of a container in the file. */
export interface Place {
  readonly pointer: string;
  readonly dialect: Dialect;
}

/** One entry of `layers` after its envelope was read. */
export interface Entry {
  readonly json: JsonObject;
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  readonly pointer: string;
  /** Set when the entry is an operation, not a layer. */
  readonly signature?: Signature | undefined;
}

export const modelClasses: readonly string[] = ['Sequential', 'Functional', 'Model'];

export const isModelClass = (className: string): boolean => modelClasses.includes(className);

/** A nested model is not normalised here: its layers are normalised when they are read. */
function normalise(className: string, config: JsonObject, dialect: Dialect) {
  return isModelClass(className) ? { className, config } : dialect.normalise(className, config);
}

/** Reads the list of layers of a container. Throws MODEL_MALFORMED with the JSON pointer. */
export function readEntries(layers: Json | undefined, { pointer, dialect }: Place): Entry[] {
  if (!Array.isArray(layers)) return malformed(pointer, `a model must have a list of layers, got ${show(layers)}`);
  const nameFor = createNaming();
  return layers.map((json, index) => readEntry(json, { index, pointer: `${pointer}/${index}`, dialect, nameFor }));
}

interface EntryPlace extends Place {
  readonly index: number;
  readonly nameFor: (className: string) => string;
}

function readEntry(json: Json, { index, pointer, dialect, nameFor }: EntryPlace): Entry {
  if (!isJsonObject(json)) {
    return malformed(pointer, `layer ${index} must be an object with class_name and config, got ${show(json)}`);
  }
  const given = ownValue(json, 'class_name');
  if (typeof given !== 'string') {
    return malformed(`${pointer}/class_name`, `layer ${index} must have a class_name, got ${show(given)}`);
  }
  const raw = ownValue(json, 'config') ?? {};
  const what = `layer ${index} (${given})`;
  // Before version 2.2, Keras wrote the list of layers as the configuration of a Sequential model.
  const posted = given === 'Sequential' && Array.isArray(raw) ? { layers: raw } : raw;
  if (!isJsonObject(posted))
    return malformed(`${pointer}/config`, `${what} must have a config object, got ${show(raw)}`);
  const shown = ownValue(posted, 'name');
  assertStock(json, { what: typeof shown === 'string' ? `layer "${shown}" (${given})` : what, pointer });
  const signature = dialect.signatureOf?.(given, json, posted);
  const { className, config } = signature ? { className: given, config: posted } : normalise(given, posted, dialect);
  const ownName = ownValue(json, 'name') ?? ownValue(config, 'name') ?? nameFor(className);
  return {
    json,
    name: readName(ownName, what, `${pointer}/config/name`),
    className,
    config,
    pointer: `${pointer}/config`,
    signature,
  };
}
